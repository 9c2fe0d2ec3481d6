import type { Aggregate } from '../../../protocol/routes/history.ts';
import type { Slices } from '../slices.ts';
import type { Buckets } from './buckets.ts';
import { columnOf, sevenDigits } from './columns.ts';

/** Makes one series of the same series of many hosts. Each host counts once in a step, however often it sent. */
export interface Combined {
  add(host: Buckets): void;
  /** Value and number of hosts for each step; NaN and 0 where no host has one. */
  columns(rounded: boolean, slices: Slices): Promise<[value: Float64Array, hosts: Float64Array]>;
}

/** `avg`, `sum` and `p95` are over the hosts' averages; `min` and `max` over all that was measured. */
export function combined(aggregate: Aggregate, steps: number): Combined {
  return aggregate === 'p95' ? new Percentile(steps, 0.95) : new Folded(aggregate, steps);
}

const OF_HOST = { avg: 'average', sum: 'average', min: 'min', max: 'max' } as const;
const FOLD: Record<keyof typeof OF_HOST, (a: number, b: number) => number> = {
  avg: (a, b) => a + b,
  sum: (a, b) => a + b,
  min: (a, b) => (b < a ? b : a),
  max: (a, b) => (b > a ? b : a),
};

class Folded implements Combined {
  readonly #aggregate: keyof typeof OF_HOST;
  readonly #value: Float64Array;
  readonly #hosts: Float64Array;

  constructor(aggregate: keyof typeof OF_HOST, steps: number) {
    this.#aggregate = aggregate;
    this.#value = new Float64Array(steps).fill(Number.NaN);
    this.#hosts = new Float64Array(steps);
  }

  add(host: Buckets): void {
    const values = columnOf(host, OF_HOST[this.#aggregate]);
    const fold = FOLD[this.#aggregate];
    for (let step = 0; step < values.length; step++) {
      const value = values[step] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const many = this.#hosts[step] ?? 0;
      this.#value[step] = many === 0 ? value : fold(this.#value[step] ?? value, value);
      this.#hosts[step] = many + 1;
    }
  }

  async columns(rounded: boolean): Promise<[Float64Array, Float64Array]> {
    const isAverage = this.#aggregate === 'avg';
    if (!isAverage && this.#aggregate !== 'sum') return [this.#value, this.#hosts];
    const value = this.#value.map((sum, step) => finished(isAverage ? sum / (this.#hosts[step] ?? 1) : sum, rounded));
    return [value, this.#hosts];
  }
}

/** Keeps a column for each host, and sorts the hosts of one step at a time. */
class Percentile implements Combined {
  readonly #steps: number;
  readonly #share: number;
  readonly #columns: Float64Array[] = [];

  constructor(steps: number, share: number) {
    this.#steps = steps;
    this.#share = share;
  }

  add(host: Buckets): void {
    this.#columns.push(columnOf(host, 'average'));
  }

  async columns(rounded: boolean, slices: Slices): Promise<[Float64Array, Float64Array]> {
    const value = new Float64Array(this.#steps);
    const hosts = new Float64Array(this.#steps);
    const known = new Float64Array(this.#columns.length);
    for (let step = 0; step < this.#steps; step++) {
      let many = 0;
      for (const column of this.#columns) {
        const one = column[step] ?? Number.NaN;
        if (!Number.isNaN(one)) known[many++] = one;
      }
      hosts[step] = many;
      await slices.pause();
      value[step] = finished(quantile(known.subarray(0, many).sort(), this.#share), rounded);
    }
    return [value, hosts];
  }
}

/** Between the two nearest of sorted values, in proportion, as Prometheus' `quantile` does; NaN of none. */
function quantile(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Whole numbers stay whole: a sum of bytes is exact. */
const finished = (value: number, rounded: boolean): number =>
  rounded && !Number.isInteger(value) ? sevenDigits(value) : value;
