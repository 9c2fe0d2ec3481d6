const HOUR = 3_600_000;

/**
 * Frames go into one of four lanes by how often their host sends: a period of each lane holds enough rows to compress well
 * (about 1,440) and not so many that an open one is large. A lane has its own log, so that the log of a host that sends each
 * second need not be kept for the day of one that sends each minute; and its own partitions, because raw rows of a minute or
 * more are kept as long as 1-minute ones.
 */
export interface Lane {
  readonly name: string;
  readonly spanMs: number;
  readonly leastIntervalMs: number;
}

export const LANES: readonly Lane[] = [
  { name: 'day', spanMs: 24 * HOUR, leastIntervalMs: 60_000 },
  { name: 'day-30s', spanMs: 24 * HOUR, leastIntervalMs: 30_000 },
  { name: '2h', spanMs: 2 * HOUR, leastIntervalMs: 5_000 },
  { name: '1h', spanMs: HOUR, leastIntervalMs: 0 },
];

/** Lanes of imported partitions (`transfer/`): of hosts that send more often than each minute, and of all others. No frame goes here. */
export const IMPORTED: readonly [fast: Lane, slow: Lane] = [
  { name: 'imported', spanMs: 2 * HOUR, leastIntervalMs: 0 },
  { name: 'imported-day', spanMs: 24 * HOUR, leastIntervalMs: 60_000 },
];

/** The lane's position in `LANES`. */
export const laneOf = (intervalMs: number): number =>
  LANES.findIndex(({ leastIntervalMs }) => intervalMs >= leastIntervalMs);

/** Beginning of the period that a moment lies in, epoch ms. */
export const periodOf = (at: number, spanMs: number): number => Math.floor(at / spanMs) * spanMs;

/** A period is sealed this long after its end, so that frames on their way still find it open. */
export const graceOf = (spanMs: number): number => Math.min(spanMs / 8, 5 * 60_000);
