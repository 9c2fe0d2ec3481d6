import type { Host } from '../../protocol/hosts.ts';
import type { Belongings } from '../../protocol/routes/hosts.ts';
import { Problem } from '../problem.ts';
import type { Inventory } from './inventory.ts';

/** What hangs on a host elsewhere, and how it is taken away. */
export interface RemovalParts {
  inventory: Inventory;
  /** Whether the appliance watches its own machine; its host would come back without its agent. */
  watchesItself: boolean;
  /** How many agents may connect for it. */
  agentsOf(hostId: string): number;
  /** Takes the right to connect from the host's agents and forgets their keys. */
  removeAgents(hostId: string): Promise<void>;
  /** Open tokens that were made for it. */
  tokensFor(hostId: string): readonly string[];
  revokeToken(siteId: string, tokenId: string): Promise<void>;
  /** How many series history has of it, from when to when, and what it takes on disk. */
  holdings(hostId: string): { series: number; span: readonly [from: number, to: number] | undefined; bytes: number };
  /** Takes a host's history away. */
  forget(hostId: string): Promise<void>;
}

const isOwnMachine = (host: Host, { watchesItself }: RemovalParts): boolean => host.isAppliance && watchesItself;

/** Exactly what `removeWithAll` takes away. */
export function belongingsOf(host: Host, parts: RemovalParts): Belongings {
  const { series, span, bytes } = parts.holdings(host.id);
  return {
    id: host.id,
    name: host.name,
    isOwnMachine: isOwnMachine(host, parts),
    agents: parts.agentsOf(host.id),
    tokens: parts.tokensFor(host.id).length,
    series,
    bytes,
    ...(span && { oldestAt: Math.round(span[0]), newestAt: Math.round(span[1]) }),
  };
}

/** Removes a host with its agents, tokens and history. Fails with `own-machine` while Reeve watches it as its own. */
export async function removeWithAll(host: Host, parts: RemovalParts): Promise<void> {
  if (isOwnMachine(host, parts)) {
    throw new Problem(
      'own-machine',
      'This is the machine that Reeve itself runs on. To remove it, start Reeve with REEVE_SELF_AGENT=off first',
    );
  }
  for (const tokenId of parts.tokensFor(host.id)) await parts.revokeToken(host.siteId, tokenId);
  await parts.removeAgents(host.id);
  await parts.inventory.remove(host.id);
  await parts.forget(host.id);
}
