import type { LiveSeries } from '../../../protocol/live.ts';
import type { Change } from '../engine/judge.ts';
import type { Check, Entry } from './checks.ts';
import { HostJudge } from './host-judge.ts';

/** Backlogs come without a pause; one that has paused for so long is over. */
const PAUSE_MS = 60_000;

export interface LateParts {
  owner: string;
  checks: readonly Check[];
  gapMs: number;
  /** Whether an alert of that key was open at that moment: then it was told, and late values add nothing. */
  wasOpen(key: string, at: number): boolean;
  onChange(entry: Entry, change: Change): void;
}

/**
 * Judges values that came late in a run of their own, from the state ok, so that they never touch what is judged now. Values come
 * oldest first; one that is older than the last is passed over.
 */
export class LateRun {
  readonly #parts: LateParts;
  readonly #judge: HostJudge;
  readonly #firing = new Map<string, Entry>();
  #lastAt = 0;
  #heardAt = 0;

  constructor(parts: LateParts) {
    this.#parts = parts;
    const { owner, gapMs } = parts;
    const checks = parts.checks.filter(({ input }) => input === 'values');
    this.#judge = new HostJudge({ owner, checks, gapMs, restored: [], onChange: (...told) => this.#changed(...told) });
  }

  frame(
    series: readonly LiveSeries[],
    values: readonly (number | null)[],
    { at, now }: { at: number; now: number },
  ): void {
    this.#heardAt = now;
    this.#lastAt = Math.max(this.#lastAt, at);
    this.#judge.frame(series, values, at);
    this.#judge.tick(at); // Time goes on as it did then.
  }

  /** Says whether the run is over; what still fired ends with its last value. */
  isOver(now: number): boolean {
    if (now - this.#heardAt < PAUSE_MS) return false;
    this.end();
    return true;
  }

  end(): void {
    for (const entry of this.#firing.values()) this.#parts.onChange(entry, endAt(this.#lastAt));
    this.#firing.clear();
  }

  #changed(entry: Entry, change: Change): void {
    if (change.kind === 'fired') {
      if (this.#parts.wasOpen(entry.key, change.at)) return;
      this.#firing.set(entry.key, entry);
      this.#parts.onChange(entry, change);
    } else if (change.kind === 'resolved' && this.#firing.delete(entry.key)) this.#parts.onChange(entry, change);
  }
}

const endAt = (at: number): Change => ({
  kind: 'resolved',
  at,
  value: Number.NaN,
  sinceAt: at,
  knownMs: 0,
  brokenMs: 0,
  mean: Number.NaN,
  samples: [],
});
