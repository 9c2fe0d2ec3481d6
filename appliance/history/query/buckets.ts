import type { Even } from '../codec/column.ts';
import type { Means, Rolled } from '../tiers/rolled.ts';
import type { Grid } from './steps.ts';

/**
 * Count, sum, least and most of one series in each step of a grid; where the count is 0 the others mean nothing. Least and most are
 * empty where nobody asks for them: they are half of the work.
 */
export class Buckets {
  readonly count: Uint32Array;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  #isEmpty = true;
  #hasMany = false;

  constructor(steps: number, { hasExtremes = true } = {}) {
    this.count = new Uint32Array(steps);
    this.sum = new Float64Array(steps);
    this.min = new Float64Array(hasExtremes ? steps : 0);
    this.max = new Float64Array(hasExtremes ? steps : 0);
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Whether any step has more than one value, so that averages are more than copies. */
  get hasMany(): boolean {
    return this.#hasMany;
  }

  /** As new: what counts say is 0 means nothing, and sums begin at 0. */
  clear(): void {
    this.count.fill(0);
    this.sum.fill(0);
    this.#isEmpty = true;
    this.#hasMany = false;
  }

  /** `steps[row]` is the step of each row, −1 = outside; NaN is no value. */
  add(values: Float64Array, steps: Int32Array, rows: number): void {
    const { count, sum, min, max } = this;
    const hasExtremes = min.length > 0;
    let added = 0;
    for (let row = 0; row < rows; row++) {
      const step = steps[row] ?? -1;
      const value = values[row] ?? Number.NaN;
      if (step < 0 || Number.isNaN(value)) continue;
      const many = count[step] ?? 0;
      if (hasExtremes) {
        if (many === 0) {
          min[step] = value;
          max[step] = value;
        } else if (value < (min[step] ?? value)) min[step] = value;
        else if (value > (max[step] ?? value)) max[step] = value;
      }
      sum[step] = (sum[step] ?? 0) + value;
      count[step] = many + 1;
      added += 1;
      if (many > 0) this.#hasMany = true;
    }
    if (added > 0) this.#isEmpty = false;
  }

  /** The same of rows in steps one after the other. */
  addRun(values: Float64Array, { row, step, rows }: Run): void {
    const { count, sum } = this;
    const hasExtremes = this.min.length > 0;
    let added = 0;
    for (let n = 0; n < rows; n++) {
      const value = values[row + n] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const at = step + n;
      if (hasExtremes) this.#widen(at, value, value);
      const many = count[at] ?? 0;
      sum[at] = (sum[at] ?? 0) + value;
      count[at] = many + 1;
      added += 1;
      if (many > 0) this.#hasMany = true;
    }
    if (added > 0) this.#isEmpty = false;
  }

  /** The same of rows that stand for several values each. */
  addRolled({ count: counts, main, min, max }: Rolled, steps: Int32Array, rows: number): void {
    const { count, sum } = this;
    const hasExtremes = this.min.length > 0;
    let added = 0;
    for (let row = 0; row < rows; row++) {
      const step = steps[row] ?? -1;
      const many = counts[row] ?? 0;
      if (step < 0 || !(many > 0)) continue;
      if (hasExtremes) this.#widen(step, min[row] ?? 0, max[row] ?? 0);
      sum[step] = (sum[step] ?? 0) + (main[row] ?? 0) * many;
      count[step] = (count[step] ?? 0) + many;
      added += 1;
    }
    if (added === 0) return;
    this.#isEmpty = false;
    this.#hasMany = true;
  }

  /** The same of rows in steps one after the other, where nobody asks for least and most. */
  addMeans({ count: counts, main }: Means, { row, step, rows }: Run): void {
    const { count, sum } = this;
    let added = 0;
    for (let n = 0; n < rows; n++) {
      const many = counts[row + n] ?? 0;
      if (!(many > 0)) continue;
      sum[step + n] = (sum[step + n] ?? 0) + (main[row + n] ?? 0) * many;
      count[step + n] = (count[step + n] ?? 0) + many;
      added += 1;
    }
    if (added === 0) return;
    this.#isEmpty = false;
    this.#hasMany = true;
  }

  /** The same of steps that each lie in one of these: number `n` in `steps[n]`. */
  addSteps({ count, sum, min, max }: Buckets, steps: Int32Array): void {
    for (let n = 0; n < count.length; n++) {
      const step = steps[n] ?? -1;
      const many = count[n] ?? 0;
      if (step < 0 || many === 0) continue;
      if (this.min.length > 0) this.#widen(step, min[n] ?? 0, max[n] ?? 0);
      this.sum[step] = (this.sum[step] ?? 0) + (sum[n] ?? 0);
      this.count[step] = (this.count[step] ?? 0) + many;
      this.#isEmpty = false;
      this.#hasMany = true;
    }
  }

  #widen(step: number, least: number, most: number): void {
    const isFirst = this.count[step] === 0;
    if (isFirst || least < (this.min[step] ?? least)) this.min[step] = least;
    if (isFirst || most > (this.max[step] ?? most)) this.max[step] = most;
  }
}

interface InSteps {
  grid: Grid;
  from: number;
  to: number;
}

/** The step of each row, −1 = outside. */
export function stepsOf(times: Float64Array, rows: number, range: InSteps): Int32Array {
  const steps = new Int32Array(rows);
  fillSteps(times, steps, { rows, ...range });
  return steps;
}

/** Fills the step of each row, −1 = outside; says how many are inside. */
export function fillSteps(
  times: Float64Array,
  steps: Int32Array,
  { rows, grid, from, to }: InSteps & { rows: number },
): number {
  const { stepMs, count } = grid;
  const begin = grid.first - grid.earlyMs;
  let inside = 0;
  for (let row = 0; row < rows; row++) {
    const at = times[row] ?? 0;
    if (at >= from && at < to) {
      steps[row] = Math.min(Math.floor((at - begin) / stepMs), count - 1);
      inside += 1;
    } else steps[row] = -1;
  }
  return inside;
}

/** Rows in even steps as wide as the grid's: row `row + n` lies in step `step + n`, for n < `rows`. */
export interface Run {
  row: number;
  step: number;
  rows: number;
}

/** The rows of even times that are inside; undefined where steps do not go with the grid's. */
export function runOf({ first, step: stepMs }: Even, rows: number, { grid, from, to }: InSteps): Run | undefined {
  if (stepMs !== grid.stepMs) return undefined;
  const row = Math.max(0, Math.ceil((from - first) / stepMs));
  const end = Math.min(rows, Math.ceil((to - first) / stepMs));
  const step = Math.floor((first + row * stepMs - grid.first + grid.earlyMs) / stepMs);
  const run = { row, step, rows: Math.max(0, end - row) };
  // A row may be so early that it is the last step's second.
  return step + run.rows > grid.count ? undefined : run;
}

/** The steps of `rows` rows of which those of a run are inside. */
export function fillRun(steps: Int32Array, rows: number, run: Run): void {
  const end = run.row + run.rows;
  const shift = run.step - run.row;
  for (let row = 0; row < rows; row++) steps[row] = row >= run.row && row < end ? row + shift : -1;
}
