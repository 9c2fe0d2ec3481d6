import type { Verdict } from '../conditions/condition.ts';

/** How long a condition has to hold before it counts, and how long it has to be clear before it is over. */
export interface Pace {
  /** 0: the first broken value counts. */
  forMs: number;
  /** Of the time `forMs`, which share has to be broken: 0.5–1. */
  share: number;
  /** How long it has to be clear without a break; 0: the first clear value ends it. */
  clearForMs: number;
  /** Two values further apart than this say nothing about the time between them. */
  gapMs: number;
}

export type Phase = 'ok' | 'pending' | 'firing';

/** What a value did: it began to be broken, it was not broken for long enough, it counts, it is over. */
export type Step = 'pending' | 'dropped' | 'fired' | 'cleared';

/**
 * The state of one condition on one series: ok → pending → firing → ok. Pure: time is what comes in. The time between two values
 * belongs to the later one, because most values say what happened since the one before.
 *
 * Pending begins with a broken value and counts time that is known. It fires, on a broken value, when the known time is `forMs`
 * long; it is dropped as soon as more than `(1 − share) × forMs` of it was not broken. So when it fires, at least `share` of the
 * last `forMs` of known time was broken. Missing time counts for neither side, and never ends what is firing.
 */
export class Sustain {
  #phase: Phase;
  #pace: Pace;
  #slackMs = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #sinceAt = 0;
  #brokenMs = 0;
  #otherMs = 0;
  #clearAt: number | undefined;

  constructor(pace: Pace, phase: Phase = 'ok') {
    this.#phase = phase;
    this.#pace = pace;
    this.#setSlack();
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** When the pending that is or was last began. */
  get sinceAt(): number {
    return this.#sinceAt;
  }

  /** Known time since then, and how much of it was broken: ms. */
  get knownMs(): number {
    return this.#brokenMs + this.#otherMs;
  }

  get brokenMs(): number {
    return this.#brokenMs;
  }

  /** Time of the last value; −∞ before the first. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** A host that reports at another interval has other gaps. */
  setGap(gapMs: number): void {
    if (gapMs !== this.#pace.gapMs) this.#pace = { ...this.#pace, gapMs };
  }

  /** Takes the verdict on the value at `at`; one that is not newer than the last is passed over. */
  observe(verdict: Verdict, at: number): Step | undefined {
    const gap = at - this.#lastAt;
    if (!(gap > 0)) return undefined;
    this.#lastAt = at;
    if (this.#phase === 'ok') return verdict === 'broken' ? this.#begin(at) : undefined;
    if (this.#phase === 'pending') return this.#pending(verdict, at, gap);
    return this.#firing(verdict, at, gap);
  }

  /** Drops a pending of which nothing was heard for so long that nothing of it is known any more. */
  tick(now: number): Step | undefined {
    if (this.#phase !== 'pending' || !this.#isForgotten(now - this.#lastAt)) return undefined;
    this.#phase = 'ok';
    return 'dropped';
  }

  #setSlack(): void {
    this.#slackMs = Math.round((1 - this.#pace.share) * this.#pace.forMs);
  }

  #isForgotten(gap: number): boolean {
    return gap > Math.max(this.#pace.forMs, this.#pace.gapMs);
  }

  #begin(at: number): Step {
    this.#sinceAt = at;
    this.#brokenMs = 0;
    this.#otherMs = 0;
    this.#clearAt = undefined;
    this.#phase = this.#pace.forMs === 0 ? 'firing' : 'pending';
    return this.#phase === 'firing' ? 'fired' : 'pending';
  }

  #pending(verdict: Verdict, at: number, gap: number): Step | undefined {
    if (this.#isForgotten(gap)) {
      this.#phase = 'ok';
      return verdict === 'broken' ? this.#begin(at) : 'dropped';
    }
    const known = gap <= this.#pace.gapMs ? gap : 0;
    if (verdict === 'broken') {
      this.#brokenMs += known;
      if (this.knownMs < this.#pace.forMs) return undefined;
      this.#phase = 'firing';
      return 'fired';
    }
    this.#otherMs += known;
    if (this.#otherMs <= this.#slackMs && this.#slackMs > 0) return undefined;
    this.#phase = 'ok';
    return 'dropped';
  }

  #firing(verdict: Verdict, at: number, gap: number): Step | undefined {
    if (verdict !== 'clear') {
      this.#clearAt = undefined;
      return undefined;
    }
    if (this.#clearAt === undefined || gap > this.#pace.gapMs) this.#clearAt = at;
    if (at - this.#clearAt < this.#pace.clearForMs) return undefined;
    this.#phase = 'ok';
    return 'cleared';
  }
}
