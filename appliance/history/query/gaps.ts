import type { SkipEntry } from '../skips.ts';
import type { Grid } from './steps.ts';

export interface Gap {
  from: number;
  to: number;
  reason: string;
}

const REASONS: Record<string, string> = {
  overflow: 'lost on the agent: its memory was full',
  'appliance-restored': 'lost: the appliance was restored from a backup',
  'agent-restarted': 'lost on the agent: it was restarted',
  damaged: 'lost on the agent: its spool was damaged',
  'time-out-of-range': 'left out: the clock of the host was far off',
};
/** Two rows further apart than this many intervals are not joined. */
const LONGEST_INTERVALS = 2.5;

/** Remembers in which steps there are rows of any series, and finds the stretches without. */
export class Presence {
  readonly #grid: Grid;
  readonly #first: Float64Array;
  readonly #last: Float64Array;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#first = new Float64Array(grid.count);
    this.#last = new Float64Array(grid.count);
    this.clear();
  }

  /** Forgets all rows: for the next host on the same grid. */
  clear(): void {
    this.#first.fill(Number.POSITIVE_INFINITY);
    this.#last.fill(Number.NEGATIVE_INFINITY);
  }

  /** `spanMs` is how long after its time a row still stands for rows: 0 for a measurement. */
  add(times: Float64Array, steps: Int32Array, { rows, spanMs }: { rows: number; spanMs: number }): void {
    for (let row = 0; row < rows; row++) {
      const step = steps[row] ?? -1;
      if (step < 0) continue;
      const at = times[row] ?? 0;
      if (at < (this.#first[step] ?? 0)) this.#first[step] = at;
      if (at + spanMs > (this.#last[step] ?? 0)) this.#last[step] = at + spanMs;
    }
  }

  /** Stretches of `range` longer than 2.5 intervals without a row, in order; with the reason of a loss that fits. */
  gaps(range: { from: number; to: number; intervalMs: number; skips: readonly SkipEntry[] }): Gap[] {
    const gaps: Gap[] = [];
    let before = range.from - range.intervalMs;
    for (let step = 0; step < this.#grid.count; step++) {
      const first = this.#first[step] ?? Number.POSITIVE_INFINITY;
      if (first === Number.POSITIVE_INFINITY) continue;
      if (first - before > LONGEST_INTERVALS * range.intervalMs) addGap(gaps, { before, until: first, ...range });
      before = this.#last[step] ?? first;
    }
    if (range.to - before > LONGEST_INTERVALS * range.intervalMs) addGap(gaps, { before, until: range.to, ...range });
    return gaps;
  }
}

interface Between {
  before: number;
  until: number;
  from: number;
  intervalMs: number;
  skips: readonly SkipEntry[];
}

function addGap(gaps: Gap[], between: Between): void {
  const from = Math.max(between.from, between.before + between.intervalMs);
  if (between.until > from) gaps.push({ from, to: between.until, reason: reasonOf(between) });
}

function reasonOf({ before, until, intervalMs, skips }: Between): string {
  const fits = ({ afterAt }: SkipEntry) => afterAt >= before - intervalMs && afterAt < until;
  const skip = skips.find(fits);
  return skip ? (REASONS[skip.reason] ?? `lost: ${skip.reason}`) : 'no data';
}
