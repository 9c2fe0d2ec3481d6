import type { Partition, Tier } from '../../store/history-engine.ts';
import type { Lane } from '../lanes.ts';
import type { HistoryLimits } from '../limits.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** From fine to coarse. */
export const TIERS: readonly Tier[] = ['raw', '1m', '5m', '1h'];

export type RolledTier = Exclude<Tier, 'raw'>;

/** How far apart the rows of a tier are. */
export const STEP_MS: Readonly<Record<RolledTier, number>> = { '1m': MINUTE, '5m': 5 * MINUTE, '1h': HOUR };

/** Into which spans the parts of a tier are folded, so that they are few and compress well. */
export const FOLDS_MS: Readonly<Record<RolledTier, readonly number[]>> = {
  '1m': [DAY],
  '5m': [7 * DAY],
  '1h': [7 * DAY, 28 * DAY],
};

export const stepOf = (tier: Tier): number => (tier === 'raw' ? 0 : STEP_MS[tier]);

/** Rows that are a minute apart or more are their own 1-minute tier. */
export const isOwnMinutes = ({ leastIntervalMs }: Lane): boolean => leastIntervalMs >= MINUTE;

/** The tier that 5 minutes and 1 hour are made from. */
export const minutesOf = (lane: Lane): Tier => (isOwnMinutes(lane) ? 'raw' : '1m');

/** How long a tier of a lane is kept, ms. */
export const keepOf = (tier: Tier, lane: Lane, { keepMs }: HistoryLimits): number =>
  tier === 'raw' && isOwnMinutes(lane) ? keepMs['1m'] : keepMs[tier];

/** The commit up to which partitions of one lane hold all rows of a stretch of time; 0 = none. */
export function coveredThrough(partitions: Iterable<Partition>, { from, to }: { from: number; to: number }): number {
  let through = 0;
  for (const each of partitions) {
    if (each.from < to && each.from + each.spanMs > from) through = Math.max(through, each.through);
  }
  return through;
}
