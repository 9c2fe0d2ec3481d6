import type { Span } from '../../store/history-engine.ts';
import { Buckets, stepsOf } from '../query/buckets.ts';
import type { Grid } from '../query/steps.ts';
import type { RowSet } from './rows.ts';

export const HOUR_MS = 3_600_000;

/**
 * Rows that change no more, by the hour: half a day of minutes is 12 steps instead of 720 rows. Each series is gathered when it is
 * asked for first.
 */
export class Hours {
  /** Times of the earliest and latest row, epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly grid: Grid;
  /** Times of the first and last row of each hour; infinite where there is none. */
  readonly firstAt: Float64Array;
  readonly lastAt: Float64Array;
  readonly #runs: readonly RowSet[];
  readonly #steps: readonly Int32Array[];
  readonly #series = new Map<number, Buckets>();

  constructor(runs: readonly RowSet[]) {
    this.#runs = runs;
    this.from = Math.min(...runs.map(({ from }) => from));
    this.to = Math.max(...runs.map(({ to }) => to));
    const first = Math.floor(this.from / HOUR_MS) * HOUR_MS;
    const count = Math.floor((this.to - first) / HOUR_MS) + 1;
    this.grid = { first, stepMs: HOUR_MS, count, earlyMs: 0 };
    this.firstAt = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.lastAt = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.#steps = runs.map((run) => this.#stepsOf(run));
  }

  /** Of the block, as all its rows have them. */
  get intervalMs(): number {
    return this.#runs[0]?.intervalMs ?? 0;
  }

  get late(): readonly Span[] {
    return this.#runs[0]?.late ?? [];
  }

  /** What a series has in each hour. */
  of(seriesId: number): Buckets {
    const known = this.#series.get(seriesId);
    if (known) return known;
    const buckets = new Buckets(this.grid.count);
    for (const [index, run] of this.#runs.entries()) {
      const at = run.seriesIds.indexOf(seriesId);
      if (at < 0) continue;
      const values = new Float64Array(run.rows);
      run.readColumn(at, values);
      buckets.add(values, this.#steps[index] ?? new Int32Array(), run.rows);
    }
    this.#series.set(seriesId, buckets);
    return buckets;
  }

  #stepsOf(run: RowSet): Int32Array {
    const times = new Float64Array(run.rows);
    run.readTimes(times);
    const steps = stepsOf(times, run.rows, { grid: this.grid, from: this.from, to: this.to + 1 });
    for (const [row, step] of steps.entries()) {
      const at = times[row] ?? 0;
      if (at < (this.firstAt[step] ?? at)) this.firstAt[step] = at;
      if (at > (this.lastAt[step] ?? at)) this.lastAt[step] = at;
    }
    return steps;
  }
}
