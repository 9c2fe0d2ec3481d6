import type { Grid } from './steps.ts';

/** Average, least and most of one series in each step of a grid. */
export class Buckets {
  readonly #sum: Float64Array;
  readonly #count: Uint32Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  #isEmpty = true;

  constructor(steps: number) {
    this.#sum = new Float64Array(steps);
    this.#count = new Uint32Array(steps);
    this.#min = new Float64Array(steps);
    this.#max = new Float64Array(steps);
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
      if (this.#count[step] === 0) {
        this.#min[step] = value;
        this.#max[step] = value;
      } else if (value < (this.#min[step] ?? value)) this.#min[step] = value;
      else if (value > (this.#max[step] ?? value)) this.#max[step] = value;
      this.#sum[step] = (this.#sum[step] ?? 0) + value;
      this.#count[step] = (this.#count[step] ?? 0) + 1;
      this.#isEmpty = false;
    }
  }

  /** Null where a step has no value. Of a single value the average is that value exactly. */
  result(): Record<'average' | 'min' | 'max', (number | null)[]> {
    const pick = (of: (step: number) => number) =>
      Array.from(this.#count, (count, step) => (count === 0 ? null : of(step)));
    return {
      average: pick((step) => averageOf(this.#sum[step] ?? 0, this.#count[step] ?? 1)),
      min: pick((step) => this.#min[step] ?? 0),
      max: pick((step) => this.#max[step] ?? 0),
    };
  }
}

/** Seven digits are more than a chart can show, and less to send. */
function averageOf(sum: number, count: number): number {
  if (count === 1) return sum;
  const average = sum / count;
  const size = Math.abs(average);
  if (size === 0 || size >= 1e15 || size < 1e-15) return average;
  const factor = 10 ** (6 - Math.floor(Math.log10(size)));
  return Math.round(average * factor) / factor;
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
