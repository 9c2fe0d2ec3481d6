import type { Span } from '../../store/history-engine.ts';
import { mergeSpans } from '../head/late.ts';
import { Buckets, stepsOf } from '../query/buckets.ts';
import type { Grid } from '../query/steps.ts';
import type { Slices } from '../slices.ts';
import { emptyRolled, type Rolled } from './rolled.ts';
import { type AnySet, isRolled } from './rolled-set.ts';

export interface RollSpan {
  /** Beginning of the first step, epoch ms. */
  from: number;
  spanMs: number;
  stepMs: number;
  /** Whether a series keeps its last value instead of a mean. */
  keepsLast: (seriesId: number) => boolean;
}

const MOST_LATE_SPANS = 64;

/** Gathers what one host has in a stretch of time into the steps of a tier. What is added counts, in whatever order. */
export class Roller {
  readonly #span: RollSpan;
  readonly #grid: Grid;
  readonly #series = new Map<number, Buckets>();
  readonly #last = new Map<number, Last>();
  #late: Span[] = [];

  constructor(span: RollSpan) {
    const { from, spanMs, stepMs } = span;
    this.#span = span;
    this.#grid = { first: from, stepMs, count: Math.ceil(spanMs / stepMs), earlyMs: 0 };
  }

  async add(set: AnySet, slices: Slices): Promise<void> {
    const times = new Float64Array(set.rows);
    set.readTimes(times);
    const { from, spanMs } = this.#span;
    const steps = stepsOf(times, set.rows, { grid: this.#grid, from, to: from + spanMs });
    const into = isRolled(set) ? emptyRolled(set.rows) : undefined;
    const values = into ? into.main : new Float64Array(set.rows);
    for (const [at, id] of set.seriesIds.entries()) {
      const buckets = this.#of(id);
      if (isRolled(set) && into) {
        set.readRolled(at, into);
        buckets.addRolled(into, steps, set.rows);
      } else if (!isRolled(set)) {
        set.readColumn(at, values);
        buckets.add(values, steps, set.rows);
      }
      if (this.#span.keepsLast(id)) this.#lastOf(id).add(values, steps, times);
      await slices.pause();
    }
    this.#late = mergeSpans([...this.#late, ...set.late], this.#span.stepMs, MOST_LATE_SPANS);
  }

  get late(): readonly Span[] {
    return this.#late;
  }

  /** Steps that hold a value of any series, and the series in the order of their ids. */
  result(): { times: Float64Array; series: [id: number, rolled: Rolled][] } {
    const kept = [...this.#series].filter(([, { isEmpty }]) => !isEmpty).sort(([a], [b]) => a - b);
    const steps: number[] = [];
    for (let step = 0; step < this.#grid.count; step++) {
      if (kept.some(([, { count }]) => count[step])) steps.push(step);
    }
    const times = Float64Array.from(steps, (step) => this.#grid.first + step * this.#grid.stepMs);
    return { times, series: kept.map(([id, buckets]) => [id, this.#rolled(id, buckets, steps)]) };
  }

  #rolled(id: number, { count, sum, min, max }: Buckets, steps: readonly number[]): Rolled {
    const rolled = emptyRolled(steps.length);
    const last = this.#last.get(id);
    for (const [row, step] of steps.entries()) {
      const many = count[step] ?? 0;
      rolled.count[row] = many;
      rolled.main[row] = last ? (last.value[step] ?? 0) : (sum[step] ?? 0) / many;
      rolled.min[row] = min[step] ?? 0;
      rolled.max[row] = max[step] ?? 0;
    }
    return rolled;
  }

  #of(id: number): Buckets {
    const buckets = this.#series.get(id) ?? new Buckets(this.#grid.count);
    this.#series.set(id, buckets);
    return buckets;
  }

  #lastOf(id: number): Last {
    const last = this.#last.get(id) ?? new Last(this.#grid.count);
    this.#last.set(id, last);
    return last;
  }
}

/** The latest value of each step. */
class Last {
  readonly value: Float64Array;
  readonly #at: Float64Array;

  constructor(steps: number) {
    this.value = new Float64Array(steps);
    this.#at = new Float64Array(steps).fill(Number.NEGATIVE_INFINITY);
  }

  add(values: Float64Array, steps: Int32Array, times: Float64Array): void {
    for (const [row, step] of steps.entries()) {
      const value = values[row] ?? Number.NaN;
      const at = times[row] ?? 0;
      if (step < 0 || Number.isNaN(value) || at < (this.#at[step] ?? at)) continue;
      this.value[step] = value;
      this.#at[step] = at;
    }
  }
}
