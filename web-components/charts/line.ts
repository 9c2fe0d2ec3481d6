/** One line of a chart: parallel arrays, null is a gap. `min` and `max` make the band, where points stand for longer steps. */
export interface Line {
  id: string;
  label: string;
  at: readonly number[];
  average: readonly (number | null)[];
  min?: readonly (number | null)[];
  max?: readonly (number | null)[];
}

/** A stretch of time with something to say about it. */
export interface Stretch {
  from: number;
  to: number;
  reason: string;
}

/** Index of the point nearest to `at` that has a value, undefined for a line without any. */
export function nearest({ at, average }: Line, moment: number): number | undefined {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  const distance = (index: number) => Math.abs((at[index] ?? Number.POSITIVE_INFINITY) - moment);
  const before = valued(average, low - 1, -1);
  const after = valued(average, low, 1);
  if (before === undefined || after === undefined) return before ?? after;
  return distance(before) <= distance(after) ? before : after;
}

function valued(values: readonly (number | null)[], from: number, step: 1 | -1): number | undefined {
  for (let i = from; i >= 0 && i < values.length; i += step) if (values[i] !== null) return i;
  return undefined;
}

/** The line's value at a moment, if a point is no further than `withinMs` away. */
export function valueAt(line: Line, moment: number, withinMs: number): number | undefined {
  const index = nearest(line, moment);
  if (index === undefined || Math.abs((line.at[index] ?? 0) - moment) > withinMs) return undefined;
  return line.average[index] ?? undefined;
}

/** The last point that has a value. */
export function lastPoint({ at, average }: Line): { at: number; value: number } | undefined {
  const index = valued(average, average.length - 1, -1);
  if (index === undefined) return undefined;
  return { at: at[index] ?? 0, value: average[index] ?? 0 };
}

/** Smallest and largest value of all lines, bands included; undefined when there is none. */
export function extentOf(lines: readonly Line[]): { low: number; high: number } | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { average, min = average, max = average } of lines) {
    for (const value of min) if (value !== null && value < low) low = value;
    for (const value of max) if (value !== null && value > high) high = value;
  }
  return low <= high ? { low, high } : undefined;
}

/** Largest sum of all lines at one moment, for stacks; lines of a stack share their times. */
export function stackedHigh(lines: readonly Line[]): number {
  const sums = new Map<number, number>();
  for (const { at, average } of lines) {
    for (const [i, moment] of at.entries()) sums.set(moment, (sums.get(moment) ?? 0) + (average[i] ?? 0));
  }
  return Math.max(0, ...sums.values());
}
