/** So many changes between firing and clear within so long are flapping; nothing is told for so long then (peers.md §6). */
export const FLAPPING = { changes: 5, withinMs: 5 * 60_000, holdMs: 15 * 60_000 } as const;

/** Counts changes of one alert, and says when so many have come that nobody wants to hear of each. Pure. */
export class Flapping {
  #changes: number[];
  #heldUntil: number | undefined;

  constructor(changes: readonly number[] = [], heldUntil?: number) {
    this.#changes = [...changes];
    this.#heldUntil = heldUntil;
  }

  /** Until when nothing is told. */
  get heldUntil(): number | undefined {
    return this.#heldUntil;
  }

  /** Times of the last changes, at most as many as count. */
  get changes(): readonly number[] {
    return this.#changes;
  }

  /** Takes a change; says whether the hold begins with it. */
  change(at: number): boolean {
    this.#changes = [...this.#changes, at].filter((each) => each > at - FLAPPING.withinMs).slice(-FLAPPING.changes);
    if (this.#changes.length < FLAPPING.changes) return false;
    this.#heldUntil = at + FLAPPING.holdMs;
    return true;
  }

  /** Says whether the hold is over with `now`; counting begins anew then. */
  isOver(now: number): boolean {
    return this.#heldUntil !== undefined && now >= this.#heldUntil;
  }

  end(): void {
    this.#heldUntil = undefined;
    this.#changes = [];
  }

  /** Whether it may be forgotten: no hold, and no change that still counts. */
  isQuiet(now: number): boolean {
    return this.#heldUntil === undefined && this.#changes.every((each) => each <= now - FLAPPING.withinMs);
  }
}
