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
  #known = new Map<string, T>();
  #named = new Map<string, T>();

  constructor(make: (name: string) => T) {
    this.#make = make;
  }

  get(name: string): T {
    const instance = this.#known.get(name) ?? this.#make(name);
    this.#named.set(name, instance);
    return instance;
  }

  /** Ends a round: forgets what was not named in it, and tells which. */
  sweep(gone?: (name: string, instance: T) => void): void {
    if (gone) for (const [name, instance] of this.#known) if (!this.#named.has(name)) gone(name, instance);
    const old = this.#known;
    this.#known = this.#named;
    old.clear();
    this.#named = old;
  }
}
