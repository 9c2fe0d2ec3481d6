import type { HostFacts } from '../../protocol/agent-link.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { Hub } from '../hub.ts';
import { Problem } from '../problem.ts';
import type { AgentRecord } from './documents.ts';
import type { Registry } from './registry.ts';
import type { Labels } from './tokens.ts';

export interface EnrolParts {
  registry: Registry;
  hub: Hub;
  now: () => number;
  /** Adds a host to the inventory, or fills the one that waits for its agent. */
  register(
    host: { siteId: string; name: string; facts: HostFacts; isAppliance: boolean; forHostId?: string } & Labels,
  ): Promise<Pick<Host, 'id' | 'name'>>;
  /** Takes the right to connect from agents that a host had before. */
  replaceAgents(hostId: string): Promise<void>;
}

/** An agent that has proven all it has to. */
export interface NewAgent extends Labels, Pick<AgentRecord, 'siteId' | 'by' | 'tokenId'> {
  agentId: string;
  agentKey: string;
  name: string;
  facts: HostFacts;
  isOwn: boolean;
  /** The host that it is for, where that is known. */
  forHostId?: string;
  /** Its address. */
  from: string;
}

/**
 * Makes a host and an agent of it, both durable when this resolves; answers the host. An agent that is there already is left as it is;
 * one that was revoked does not come back by what let it in before: `pairing-refused`.
 */
export async function enrol(agent: NewAgent, parts: EnrolParts): Promise<string> {
  const { registry, hub, now, register, replaceAgents } = parts;
  const { agentId, agentKey, siteId, name, facts, isOwn, by, tokenId, tags, rack, forHostId } = agent;
  const known = registry.get(agentId);
  if (known) {
    if (known.state !== 'active' || known.publicKey !== agentKey) throw new Problem('pairing-refused');
    return known.hostId;
  }
  const labels = { ...(tags && { tags }), ...(rack && { rack }), ...(forHostId && { forHostId }) };
  const host = await register({ siteId, name, facts, isAppliance: isOwn, ...labels });
  if (isOwn || forHostId) await replaceAgents(host.id);
  await registry.add({
    id: agentId,
    siteId,
    hostId: host.id,
    publicKey: agentKey,
    state: 'active',
    version: '',
    pairedAt: now(),
    isOwn,
    ...(by && { by }),
    ...(tokenId && { tokenId }),
  });
  const detail = { agentId, hostId: host.id, name: host.name, by, ...(tokenId && { tokenId }) };
  hub.emit('audit', { at: now(), siteId, who: 'agent', from: agent.from, what: 'agent.paired', detail });
  return host.id;
}
