/** More keys than this are not remembered: the quietest goes first. */
const MOST_KEYS = 10_000;

/** Counts tries per key in a sliding window. Pure: `now` is in ms, of whatever clock. */
export class RateLimit {
  /** In the order of the last try. */
  readonly #tries = new Map<string, number[]>();
  readonly #most: number;
  readonly #windowMs: number;

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Takes one try; false when `key` has used up its tries within the window. */
  take(key: string, now: number): boolean {
    const recent = (this.#tries.get(key) ?? []).filter((at) => now - at < this.#windowMs);
    const allowed = recent.length < this.#most;
    if (allowed) recent.push(now);
    this.#tries.delete(key);
    this.#tries.set(key, recent);
    for (const quietest of this.#tries.keys()) {
      if (this.#tries.size <= MOST_KEYS) break;
      this.#tries.delete(quietest);
    }
    return allowed;
  }

  /** Gives a key's tries back, after a success. */
  clear(key: string): void {
    this.#tries.delete(key);
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#tries.size;
  }
}
