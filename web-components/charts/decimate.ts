import type { Line } from './line.ts';

/** First and last index of a run of points in one pixel column; a gap ends a run. */
type Run = readonly [first: number, last: number];

function runsOf({ at, average }: Line, columnOf: (at: number) => number): Run[] {
  const runs: Run[] = [];
  let first = 0;
  for (let i = 1; i <= at.length; i += 1) {
    const isSame =
      i < at.length &&
      columnOf(at[i] ?? 0) === columnOf(at[first] ?? 0) &&
      (average[i] === null) === (average[first] === null);
    if (isSame) continue;
    runs.push([first, i - 1]);
    first = i;
  }
  return runs;
}

function extremes(values: readonly (number | null)[], [first, last]: Run): readonly [number, number] {
  let low = first;
  let high = first;
  for (let i = first + 1; i <= last; i += 1) {
    if ((values[i] ?? 0) < (values[low] ?? 0)) low = i;
    if ((values[i] ?? 0) > (values[high] ?? 0)) high = i;
  }
  return low <= high ? [low, high] : [high, low];
}

function bound(
  values: readonly (number | null)[],
  [first, last]: Run,
  pick: (...all: number[]) => number,
): number | null {
  const known = values.slice(first, last + 1).filter((value) => value !== null);
  return known.length === 0 ? null : pick(...known);
}

/** At most two points of each line per pixel column: its lowest and highest, in the order they came; the band keeps its edges. */
export function decimate(line: Line, columns: number): Line {
  const { at, average, min, max } = line;
  const from = at[0] ?? 0;
  const span = Math.max(1, (at.at(-1) ?? 0) - from);
  if (at.length <= columns * 2) return line;
  const columnOf = (moment: number) => Math.min(columns - 1, Math.floor(((moment - from) / span) * columns));
  const kept = {
    at: [] as number[],
    average: [] as (number | null)[],
    min: [] as (number | null)[],
    max: [] as (number | null)[],
  };
  for (const run of runsOf(line, columnOf)) {
    for (const index of new Set(extremes(average, run))) {
      kept.at.push(at[index] ?? 0);
      kept.average.push(average[index] ?? null);
      if (min) kept.min.push(bound(min, run, Math.min));
      if (max) kept.max.push(bound(max, run, Math.max));
    }
  }
  return {
    ...line,
    at: kept.at,
    average: kept.average,
    ...(min && { min: kept.min }),
    ...(max && { max: kept.max }),
  };
}
