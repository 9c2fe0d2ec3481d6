import type { Tier } from '../../store/history-engine.ts';
import { type HostSpan, type SetParts, setsOf, timesOf } from './sets.ts';

const HOUR = 3_600_000;
/** For how long a row of each tier stands; a raw one for its millisecond. */
export const STANDS_MS: Readonly<Record<Tier, number>> = { raw: 1, '1m': 60_000, '5m': 300_000, '1h': HOUR };

/** From fine to coarse. */
const TIERS: readonly Tier[] = ['raw', '1m', '5m', '1h'];

/** The tiers out of which a tier is made: where they have rows, it says nothing new. 1 hour is made of minutes, not of 5 minutes. */
export const MADE_OF: Readonly<Record<Tier, readonly Tier[]>> = {
  raw: [],
  '1m': ['raw'],
  '5m': ['raw', '1m'],
  '1h': ['raw', '1m'],
};

/** The tiers whose rows stand for the same moments as a new row of a tier would, in charts of some span. */
export const BESIDE: Readonly<Record<Tier, readonly Tier[]>> = {
  raw: TIERS,
  '1m': TIERS,
  '5m': ['raw', '1m', '5m'],
  '1h': ['raw', '1m', '1h'],
};

interface Cell {
  tier: Tier;
  times: number[];
  isSorted: boolean;
}

/** For each hour of a host the finest of some tiers that has rows in it, and their times. */
export class Finest {
  readonly #cells = new Map<number, Cell>();

  /** Looks at the given tiers, from fine to coarse. */
  static async of(span: HostSpan, tiers: readonly Tier[], parts: SetParts): Promise<Finest> {
    const finest = new Finest();
    // Whole hours: a row at the edge belongs to the same hour as its neighbours outside.
    const whole = { ...span, from: Math.floor(span.from / HOUR) * HOUR, to: Math.ceil(span.to / HOUR) * HOUR };
    for (const tier of tiers) {
      for await (const set of setsOf(tier, whole, parts)) finest.#add(tier, timesOf(set));
    }
    return finest;
  }

  readonly tierAt = (at: number): Tier | undefined => this.#cells.get(Math.floor(at / HOUR))?.tier;

  /** Whether any part of the row that begins at `at` and stands for `stepMs` is there. */
  knows(at: number, stepMs: number): boolean {
    const cell = this.#cells.get(Math.floor(at / HOUR));
    if (!cell) return false;
    if (!cell.isSorted) cell.times.sort((a, b) => a - b);
    cell.isSorted = true;
    const next = firstAbove(cell.times, at - STANDS_MS[cell.tier]);
    return next !== undefined && next < at + stepMs;
  }

  #add(tier: Tier, times: Float64Array): void {
    for (const at of times) {
      const hour = Math.floor(at / HOUR);
      const cell = this.#cells.get(hour);
      if (!cell) this.#cells.set(hour, { tier, times: [at], isSorted: true });
      else if (cell.tier === tier) {
        cell.isSorted &&= at >= (cell.times.at(-1) ?? at);
        cell.times.push(at);
      }
    }
  }
}

function firstAbove(sorted: readonly number[], value: number): number | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return sorted[low];
}
