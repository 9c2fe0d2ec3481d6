import type { FactEvent } from '../hub.ts';
import { isOver, type RollOutRecord } from './roll-out-records.ts';

const MOST_NAMED = 3;

/** What the newest update of a site's agents says of itself, as a fact: wrong while it was stopped and an agent that failed is not mended. */
export function rollOutFact(
  { siteId, state, version, agents }: Pick<RollOutRecord, 'siteId' | 'state' | 'version' | 'agents'>,
  isMended: (agentId: string) => boolean,
  at: number,
): FactEvent {
  const fact = { siteId, kind: 'roll-out', key: 'agents', severity: 'medium', at } as const;
  const failed = agents.filter(({ agentId, state: how }) => how === 'failed' && !isMended(agentId));
  if (state !== 'stopped' || failed.length === 0)
    return { ...fact, state: 'ok', text: 'No update of agents was stopped' };
  const named = failed.slice(0, MOST_NAMED).map(({ hostName, reason }) => `${hostName}: ${reason ?? 'it failed'}`);
  const others = failed.length > MOST_NAMED ? [`and ${failed.length - MOST_NAMED} more`] : [];
  const left = agents.filter((agent) => isOver(agent) && agent.state === 'left').length;
  const rest = left > 0 ? [`${left} agents were left as they were`] : [];
  const why = [...named, ...others, ...rest].join('; ');
  return { ...fact, state: 'wrong', text: `The update of agents to ${version} was stopped. ${why}`.slice(0, 500) };
}
