import type { Rolled } from '../tiers/rolled.ts';
import type { Grid } from './steps.ts';

/** Count, sum, least and most of one series in each step of a grid; where the count is 0 the others mean nothing. */
export class Buckets {
  readonly count: Uint32Array;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  #isEmpty = true;

  constructor(steps: number) {
    this.count = new Uint32Array(steps);
    this.sum = new Float64Array(steps);
    this.min = new Float64Array(steps);
    this.max = new Float64Array(steps);
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** `steps[row]` is the step of each row, −1 = outside; NaN is no value. */
  add(values: Float64Array, steps: Int32Array, rows: number): void {
    for (let row = 0; row < rows; row++) {
      const step = steps[row] ?? -1;
      const value = values[row] ?? Number.NaN;
      if (step < 0 || Number.isNaN(value)) continue;
      if (this.count[step] === 0) {
        this.min[step] = value;
        this.max[step] = value;
      } else if (value < (this.min[step] ?? value)) this.min[step] = value;
      else if (value > (this.max[step] ?? value)) this.max[step] = value;
      this.sum[step] = (this.sum[step] ?? 0) + value;
      this.count[step] = (this.count[step] ?? 0) + 1;
      this.#isEmpty = false;
    }
  }

  /** The same of rows that stand for several values each. */
  addRolled({ count, main, min, max }: Rolled, steps: Int32Array, rows: number): void {
    for (let row = 0; row < rows; row++) {
      const step = steps[row] ?? -1;
      const many = count[row] ?? 0;
      if (step < 0 || !(many > 0)) continue;
      const [least = 0, most = 0] = [min[row], max[row]];
      if (this.count[step] === 0) {
        this.min[step] = least;
        this.max[step] = most;
      } else {
        if (least < (this.min[step] ?? least)) this.min[step] = least;
        if (most > (this.max[step] ?? most)) this.max[step] = most;
      }
      this.sum[step] = (this.sum[step] ?? 0) + (main[row] ?? 0) * many;
      this.count[step] = (this.count[step] ?? 0) + many;
      this.#isEmpty = false;
    }
  }
}

/** Fills the step of each row. */
export function stepsOf(
  times: Float64Array,
  rows: number,
  range: { grid: Grid; from: number; to: number },
): Int32Array {
  const { grid, from, to } = range;
  const steps = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = times[row] ?? 0;
    const step = Math.floor((at - grid.first + grid.earlyMs) / grid.stepMs);
    steps[row] = at < from || at >= to ? -1 : Math.min(step, grid.count - 1);
  }
  return steps;
}
