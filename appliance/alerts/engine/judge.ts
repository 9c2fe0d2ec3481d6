import type { Verdict } from '../conditions/condition.ts';
import { Evidence } from './evidence.ts';
import { Flapping } from './flapping.ts';
import { type Pace, type Phase, Sustain } from './sustain.ts';

/**
 * What became of an alert. `pending` and `dropped` come before there is one; `flapping`: it cleared, but changes so often that it
 * stays open until it settles; `settled`: the hold is over and it fires still; `stale` and `fresh`: its values stopped, and came
 * back; `rearmed`: a person had resolved it, and now it is really clear.
 */
export type ChangeKind =
  | 'pending'
  | 'dropped'
  | 'fired'
  | 'resolved'
  | 'flapping'
  | 'settled'
  | 'stale'
  | 'fresh'
  | 'rearmed';

export interface Change {
  kind: ChangeKind;
  at: number;
  /** The value that did it; NaN where time did. */
  value: number;
  /** When the condition began to be broken. */
  sinceAt: number;
  knownMs: number;
  brokenMs: number;
  /** Mean of the values since then, weighted by time. */
  mean: number;
  /** Values behind it, bounded, oldest first. */
  samples: [number, number][];
  /** Set while changes are held back: until when. */
  heldUntil?: number;
}

/** An alert as it was stored, to go on with after a restart. */
export interface Kept {
  /** It is open. */
  isOpen: boolean;
  /** A person resolved it, and it has not been clear since. */
  awaitsClear: boolean;
  isStale: boolean;
  sinceAt: number;
  changes: readonly number[];
  heldUntil?: number;
  /** When it was taken up again: silence counts from here. */
  at: number;
}

/** One rule on one series of one host: verdicts in, changes out. Pure, deterministic, time is what comes in. */
export class Judge {
  readonly #sustain: Sustain;
  readonly #evidence = new Evidence();
  readonly #flapping: Flapping;
  #gapMs: number;
  #isOpen: boolean;
  #awaitsClear: boolean;
  #isStale: boolean;
  /** Since when silence counts: the last value, or when it was taken up again. */
  #heardAt: number;
  #sinceAt: number;

  constructor(pace: Pace, kept?: Kept) {
    const isFiring = kept?.isOpen === true || kept?.awaitsClear === true;
    this.#sustain = new Sustain(pace, isFiring ? 'firing' : 'ok');
    this.#flapping = new Flapping(kept?.changes, kept?.heldUntil);
    this.#gapMs = pace.gapMs;
    this.#isOpen = kept?.isOpen ?? false;
    this.#awaitsClear = kept?.awaitsClear ?? false;
    this.#isStale = kept?.isStale ?? false;
    this.#heardAt = kept?.at ?? Number.NEGATIVE_INFINITY;
    this.#sinceAt = kept?.sinceAt ?? 0;
  }

  /** As people see it: firing while the alert is open, also while its changes are held back. */
  get phase(): Phase {
    if (this.#isOpen) return 'firing';
    return this.#sustain.phase === 'pending' ? 'pending' : 'ok';
  }

  get isStale(): boolean {
    return this.#isStale;
  }

  get awaitsClear(): boolean {
    return this.#awaitsClear;
  }

  get heldUntil(): number | undefined {
    return this.#flapping.heldUntil;
  }

  /** Times of changes that count for flapping. */
  get changes(): readonly number[] {
    return this.#flapping.changes;
  }

  /** When the condition began to be broken. */
  get sinceAt(): number {
    return this.#sinceAt;
  }

  /** When the pending that is or was last began. */
  get pendingAt(): number {
    return this.#sustain.sinceAt;
  }

  /** Whether it holds nothing that a new one would not have. */
  isIdle(now: number): boolean {
    return this.phase === 'ok' && this.#sustain.phase === 'ok' && !this.#awaitsClear && this.#flapping.isQuiet(now);
  }

  setGap(gapMs: number): void {
    this.#gapMs = gapMs;
    this.#sustain.setGap(gapMs);
  }

  /** Takes the verdict on one value. Values come in the order of their time; an older one is passed over. */
  observe(verdict: Verdict, value: number, at: number): Change | undefined {
    if (at <= this.#sustain.lastAt) return undefined;
    this.#heardAt = Math.max(this.#heardAt, at);
    const step = this.#sustain.observe(verdict, at);
    if (step === 'pending' || (step === 'fired' && this.#sustain.knownMs === 0)) this.#evidence.clear();
    if (this.#sustain.phase !== 'ok' || step) this.#evidence.add(at, value);
    const wasStale = this.#isStale;
    this.#isStale = false;
    const change = step && this.#taken(step, value, at);
    if (step === 'fired') this.#evidence.clear(); // From here on it gathers what ends it.
    if (change) return change;
    return wasStale && this.#isOpen ? this.#change('fresh', value, at) : undefined;
  }

  /** What time alone does: a pending is forgotten, values have stopped, a hold is over. */
  tick(now: number): Change | undefined {
    if (this.#flapping.isOver(now) && this.#hasHeard(now)) return this.#settle(now);
    const step = this.#sustain.tick(now);
    if (step && !this.#isOpen) return this.#change('dropped', Number.NaN, now);
    if (!this.#isOpen || this.#isStale || now - this.#heardAt <= this.#gapMs) return undefined;
    this.#isStale = true;
    return this.#change('stale', Number.NaN, now);
  }

  /** A person said that it is over: it stays quiet until it has really been clear once. Says whether it has to wait for that. */
  resolve(): boolean {
    this.#isOpen = false;
    this.#isStale = false;
    this.#awaitsClear = this.#sustain.phase === 'firing';
    this.#flapping.end();
    return this.#awaitsClear;
  }

  /** A hold does not end on what was true before a restart: a value, or a gap, has to come first. */
  #hasHeard(now: number): boolean {
    return this.#sustain.lastAt > Number.NEGATIVE_INFINITY || now - this.#heardAt > this.#gapMs;
  }

  #taken(step: 'pending' | 'dropped' | 'fired' | 'cleared', value: number, at: number): Change | undefined {
    if (step === 'pending' || step === 'dropped') return this.#isOpen ? undefined : this.#change(step, value, at);
    if (this.#awaitsClear) {
      this.#awaitsClear = false;
      return this.#change('rearmed', value, at);
    }
    if (this.#flapping.heldUntil !== undefined) return undefined;
    const isHeld = this.#flapping.change(at);
    if (step === 'cleared' && isHeld) return this.#change('flapping', value, at);
    this.#isOpen = step === 'fired';
    if (this.#isOpen) this.#sinceAt = this.#sustain.sinceAt;
    return this.#change(step === 'fired' ? 'fired' : 'resolved', value, at);
  }

  #settle(now: number): Change {
    this.#flapping.end();
    if (this.#sustain.phase === 'firing') return this.#change('settled', Number.NaN, now);
    this.#isOpen = false;
    this.#isStale = false;
    return this.#change('resolved', Number.NaN, now);
  }

  #change(kind: ChangeKind, value: number, at: number): Change {
    const { heldUntil } = this.#flapping;
    return {
      kind,
      at,
      value,
      sinceAt: this.#isOpen || kind === 'resolved' ? this.#sinceAt : this.#sustain.sinceAt,
      knownMs: this.#sustain.knownMs,
      brokenMs: this.#sustain.brokenMs,
      mean: this.#evidence.mean,
      samples: this.#evidence.samples(),
      ...(heldUntil !== undefined && { heldUntil }),
    };
  }
}
