import type { Span } from '../../store/history-engine.ts';
import { emptyRolled, type Rolled } from '../tiers/rolled.ts';
import { Buckets } from './buckets.ts';

/** As many as ten series of a day have. */
const MOST_CELLS_KEPT = 14_400;

/** Room that is used again for each host of a query, and of the next query: what is made anew has to be cleared away by somebody. */
export class Scratch {
  times = new Float64Array(0);
  values = new Float64Array(0);
  steps = new Int32Array(0);
  rolled: Rolled = emptyRolled(0);
  #buckets: Buckets[] = [];
  #taken = 0;

  /** What was given so far is given again. */
  begin(): void {
    this.#taken = 0;
  }

  hold(rows: number): void {
    if (this.times.length >= rows) return;
    this.times = new Float64Array(rows);
    this.values = new Float64Array(rows);
    this.steps = new Int32Array(rows);
  }

  holdRolled(rows: number): void {
    if (this.rolled.count.length < rows) this.rolled = emptyRolled(rows);
  }

  /** Lets go of what only a large query needs. */
  shrink(): void {
    const cells = this.#buckets.reduce((sum, { count }) => sum + count.length, 0);
    if (cells > MOST_CELLS_KEPT) this.#buckets = [];
  }

  /** Empty ones, good until `begin`. */
  buckets(steps: number, hasExtremes: boolean): Buckets {
    const used = this.#buckets[this.#taken];
    const isFit = used?.count.length === steps && used.min.length > 0 === hasExtremes;
    if (isFit) used.clear();
    const buckets = isFit ? used : new Buckets(steps, { hasExtremes });
    this.#buckets[this.#taken++] = buckets;
    return buckets;
  }

  /** The buckets that were given last are not needed after all. */
  giveBack(): void {
    this.#taken -= 1;
  }
}

/** Takes rows of the spans out; says how many that were inside. */
export function leaveOut(without: readonly Span[], rows: number, { times, steps }: Scratch): number {
  let left = 0;
  for (const [from, to] of without) {
    for (let row = 0; row < rows; row++) {
      const at = times[row] ?? 0;
      if (at < from || at >= to || (steps[row] ?? -1) < 0) continue;
      steps[row] = -1;
      left += 1;
    }
  }
  return left;
}
