const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps that people read off an axis without thinking. */
const NICE = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];

/** Equal steps over a range: step i begins at `first + i × stepMs`. */
export interface Grid {
  stepMs: number;
  first: number;
  count: number;
  /** A row this much before its step still counts to it: a tick of an agent may be a little early. */
  earlyMs: number;
}

export interface GridRange {
  from: number;
  to: number;
  most: number;
  /** How far apart frames are. */
  intervalMs: number;
  /** How far apart the rows are that will be read, where that is more. */
  leastMs?: number;
}

/** The finest grid of at most `most` steps that covers `from` ≤ time < `to` and is no finer than the rows. */
export function gridOf(range: GridRange): Grid {
  const { from, to, most, intervalMs, leastMs = intervalMs } = range;
  const stepMs = [leastMs, ...NICE].find((step) => step >= leastMs && countOf(step, from, to) <= most);
  return grid(stepMs ?? Math.ceil((to - from) / Math.max(1, most - 1) / DAY) * DAY, range);
}

function grid(stepMs: number, { from, to, intervalMs }: { from: number; to: number; intervalMs: number }): Grid {
  const first = Math.floor(from / stepMs) * stepMs;
  const earlyMs = stepMs < 2 * intervalMs ? intervalMs / 4 : 0;
  return { stepMs, first, count: countOf(stepMs, from, to), earlyMs };
}

const countOf = (stepMs: number, from: number, to: number): number =>
  Math.ceil(to / stepMs) - Math.floor(from / stepMs);
