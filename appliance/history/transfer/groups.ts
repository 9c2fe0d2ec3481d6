import type { Tier } from '../../store/history-engine.ts';
import type { SetParts } from './sets.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Rows that belong together: those of one partition, when they are imported. */
export interface Kind {
  tier: Tier;
  /** Of hosts that send each minute or less often. */
  isSlow: boolean;
  spanMs: number;
}

/** Coarse and old first; within a kind, a span holds about as many rows as compress well. */
export const KINDS: readonly Kind[] = [
  { tier: '1h', isSlow: true, spanMs: 28 * DAY },
  { tier: '1h', isSlow: false, spanMs: 28 * DAY },
  { tier: '5m', isSlow: true, spanMs: 7 * DAY },
  { tier: '5m', isSlow: false, spanMs: 7 * DAY },
  { tier: '1m', isSlow: true, spanMs: DAY },
  { tier: '1m', isSlow: false, spanMs: DAY },
  { tier: 'raw', isSlow: true, spanMs: DAY },
  { tier: 'raw', isSlow: false, spanMs: 2 * HOUR },
];

export interface Group extends Kind {
  hostId: string;
  from: number;
  to: number;
}

/** Every stretch of every host in which there may be rows, in the order in which an export tells them. */
export function* groupsOf(
  wanted: { from: number; to: number; hosts: readonly string[] },
  parts: SetParts,
): Iterable<Group> {
  for (const kind of KINDS) {
    for (const period of periodsOf(kind, parts)) {
      const from = Math.max(wanted.from, period);
      const to = Math.min(wanted.to, period + kind.spanMs);
      if (from < to) for (const hostId of wanted.hosts) yield { ...kind, hostId, from, to };
    }
  }
}

function periodsOf({ tier, spanMs }: Kind, { engine, heads }: SetParts): number[] {
  const found = new Set<number>();
  const note = (from: number, to: number) => {
    for (let at = Math.floor(from / spanMs) * spanMs; at < to; at += spanMs) found.add(at);
  };
  for (const each of engine.chunks.partitions()) if (each.tier === tier) note(each.from, each.from + each.spanMs);
  if (tier === 'raw')
    for (const head of heads) for (const period of head.periods()) note(period, period + head.lane.spanMs);
  return [...found].sort((a, b) => a - b);
}
