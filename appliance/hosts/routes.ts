import type { Host } from '../../protocol/hosts.ts';
import { editHost, listHosts, readHost, removeHost, settleHost } from '../../protocol/routes/hosts.ts';
import { pageOf, sorted } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Inventory } from './inventory.ts';

export interface HostRouteParts {
  inventory: Inventory;
  /** Takes the right to connect from the host's agents and forgets their keys. */
  removeAgents(hostId: string): Promise<void>;
  /** Gives the agents of one host to another. */
  moveAgents(fromHostId: string, toHostId: string): Promise<void>;
  /** Whether the appliance watches its own machine; its host would come back without its agent. */
  watchesItself: boolean;
  /** Takes a host's history away. */
  forget(hostId: string): Promise<void>;
}

const idOf = ({ id }: Host): string => id;

export function serveHosts(routes: Routes, parts: HostRouteParts): void {
  const { inventory } = parts;

  routes.serve(listHosts, ({ session, query }) => pageOf(sorted(inventory.hostsOf(session), idOf), query, idOf));
  routes.serve(readHost, ({ session, params }) => inventory.visible(session, params.hostId));

  routes.serve(editHost, async ({ session, params, body, note }) => {
    const before = inventory.visible(session, params.hostId);
    const { rev, ...given } = body;
    const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const host = await inventory.edit(params.hostId, rev, change);
    const was = Object.fromEntries(Object.keys(change).map((name) => [name, before[name as keyof typeof before]]));
    note({ before: was, after: change });
    return host;
  });

  routes.serve(removeHost, async ({ session, params, note }) => {
    const host = inventory.visible(session, params.hostId);
    if (host.isAppliance && parts.watchesItself) {
      throw new Problem(
        'own-machine',
        'This is the machine that Reeve itself runs on. To remove it, start Reeve with REEVE_SELF_AGENT=off first',
      );
    }
    await parts.removeAgents(host.id);
    await inventory.remove(host.id);
    await parts.forget(host.id);
    note({ detail: { name: host.name } });
    return null;
  });

  routes.serve(settleHost, async ({ session, params, body, note }) => {
    const host = inventory.visible(session, params.hostId);
    if (!host.sameAs) throw new Problem('invalid-request', 'Nobody asked whether this host is another one');
    note({ detail: { sameAs: host.sameAs, same: body.same } });
    if (!body.same) return inventory.settle(host.id);
    const known = inventory.visible(session, host.sameAs);
    await parts.moveAgents(host.id, known.id);
    await inventory.remove(host.id);
    await parts.forget(host.id);
    return inventory.visible(session, known.id);
  });
}
