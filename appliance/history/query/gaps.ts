import { inOrder } from '../../in-order.ts';
import type { SkipEntry } from '../skips.ts';

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

/** Rows one after the other that nothing is missing between: their time, and the steps they lie in. */
interface Stretch {
  from: number;
  to: number;
  begin: number;
  end: number;
}

/** Remembers where there are rows of any series, and finds the stretches without. Inside one step nothing counts as missing. */
export class Presence {
  readonly #longestMs: number;
  readonly #stretches: Stretch[] = [];

  constructor(intervalMs: number) {
    this.#longestMs = LONGEST_INTERVALS * intervalMs;
  }

  /** Whether rows so far apart have nothing missing between them. */
  isUnbroken(stepMs: number): boolean {
    return stepMs <= this.#longestMs;
  }

  /** `spanMs` is how long after its time a row still stands for rows: 0 for a measurement. A step of −1 is outside. */
  add(times: Float64Array, steps: Int32Array, { rows, spanMs }: { rows: number; spanMs: number }): void {
    let last: Stretch | undefined;
    for (let row = 0; row < rows; row++) {
      const step = steps[row] ?? -1;
      if (step < 0) continue;
      const at = times[row] ?? 0;
      if (last && this.#isNext(last, at, step)) extend(last, at + spanMs, step);
      else last = this.addStretch({ from: at, to: at + spanMs, begin: step, end: step });
    }
  }

  /** Answers the stretch that it became, or became part of. */
  addStretch(stretch: Stretch): Stretch {
    const last = this.#stretches.at(-1);
    if (!last || !this.#isNext(last, stretch.from, stretch.begin)) {
      this.#stretches.push(stretch);
      return stretch;
    }
    extend(last, stretch.to, stretch.end);
    return last;
  }

  /** Stretches of `range` longer than 2.5 intervals without a row, in order; with the reason of a loss that fits. */
  gaps(range: { from: number; to: number; intervalMs: number; skips: readonly SkipEntry[] }): Gap[] {
    const gaps: Gap[] = [];
    let before = range.from - range.intervalMs;
    let end = -1;
    for (const stretch of inOrder(this.#stretches, ({ from }) => from)) {
      const isMissing = stretch.from - before > this.#longestMs && stretch.begin > end;
      if (isMissing) addGap(gaps, { before, until: stretch.from, ...range });
      before = Math.max(before, stretch.to);
      end = Math.max(end, stretch.end);
    }
    if (range.to - before > this.#longestMs) addGap(gaps, { before, until: range.to, ...range });
    return gaps;
  }

  #isNext(last: Stretch, from: number, begin: number): boolean {
    return from >= last.from && (from - last.to <= this.#longestMs || begin <= last.end);
  }
}

function extend(stretch: Stretch, to: number, end: number): void {
  if (to > stretch.to) stretch.to = to;
  if (end > stretch.end) stretch.end = end;
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
