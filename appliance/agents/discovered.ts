import { agentRecord } from '../../protocol/presence.ts';

export interface DiscoveredAgent {
  name: string;
  version: string;
  address: string;
  seenAt: number;
}

/** What mDNS knows of one advertised service. */
export interface SeenService {
  txt: Record<string, string>;
  addresses: readonly string[];
  seenAt: number;
}

const MOST = 500;

/** Unpaired agents among what mDNS has seen. What they say of themselves is unproven and only shown. */
export function unpairedAgents(seen: readonly SeenService[]): DiscoveredAgent[] {
  return seen.slice(0, MOST).flatMap(({ txt, addresses, seenAt }) => {
    const record = agentRecord.safeParse(txt);
    if (!record.success || record.data.state !== 'unpaired') return [];
    return [
      { name: printable(record.data.host), version: printable(record.data.v), address: addresses[0] ?? '', seenAt },
    ];
  });
}

const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').slice(0, 64) || '?';
