import type { AgentRecord } from '../../protocol/presence.ts';

export interface DiscoveredAgent {
  name: string;
  version: string;
  address: string;
  seenAt: number;
}

/** An agent that mDNS has heard of: a claim, nothing of it is proven. */
export interface HeardAgent {
  record: AgentRecord;
  address: string;
  seenAt: number;
}

const MOST = 500;

/** The unpaired agents among what mDNS has heard, fit to be shown. */
export function unpairedAgents(heard: readonly HeardAgent[]): DiscoveredAgent[] {
  return heard
    .filter(({ record }) => record.state === 'unpaired')
    .slice(0, MOST)
    .map(({ record, address, seenAt }) => ({
      name: printable(record.host),
      version: printable(record.v),
      address,
      seenAt,
    }));
}

const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').slice(0, 64) || '?';
