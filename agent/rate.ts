/**
 * Turns a counter that only grows into its rate per second over true elapsed time. After a reset (the counter fell) it answers
 * `undefined` once: how much was counted before the fall is not known, and a guess would be a spike in somebody's chart.
 */
export class Rate {
  #value = Number.NaN;
  #mono = Number.NaN;

  /** The rate since the last call; `undefined` at the first, after a reset and when no time has passed. `mono` in ms. */
  next(value: number, mono: number): number | undefined {
    const grown = value - this.#value;
    const seconds = (mono - this.#mono) / 1000;
    this.#value = value;
    this.#mono = mono;
    return grown >= 0 && seconds > 0 ? grown / seconds : undefined;
  }
}

/** What a counter has grown by since the last call; `undefined` at the first and after a reset. */
export class Growth {
  #value = Number.NaN;

  next(value: number): number | undefined {
    const grown = value - this.#value;
    this.#value = value;
    return grown >= 0 ? grown : undefined;
  }
}

/** State of things that come and go (disks, interfaces, mounts): made when first named, forgotten when no longer named. */
export class Instances<T> {
  readonly #make: (name: string) => T;
  // Not two maps that take turns: each `clear` of a Map leaves its old table pointing at the new one, a chain that V8 only breaks
  // when it collects its old generation.
  readonly #known = new Map<string, { instance: T; round: number }>();
  #round = 0;

  constructor(make: (name: string) => T) {
    this.#make = make;
  }

  get(name: string): T {
    const known = this.#known.get(name);
    if (known) {
      known.round = this.#round;
      return known.instance;
    }
    const instance = this.#make(name);
    this.#known.set(name, { instance, round: this.#round });
    return instance;
  }

  /** Ends a round: forgets what was not named in it, and tells which. */
  sweep(gone?: (name: string, instance: T) => void): void {
    for (const [name, { instance, round }] of this.#known) {
      if (round === this.#round) continue;
      this.#known.delete(name);
      gone?.(name, instance);
    }
    this.#round++;
  }
}
