/** Counts tries per key in a sliding window; forgets keys that are quiet. Pure: `now` is epoch ms. */
export class RateLimit {
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
    this.#tries.set(key, recent);
    if (this.#tries.size > 10_000) this.#forgetQuiet(now);
    return allowed;
  }

  /** Gives a try back, after a success. */
  clear(key: string): void {
    this.#tries.delete(key);
  }

  #forgetQuiet(now: number): void {
    for (const [key, tries] of this.#tries)
      if (tries.every((at) => now - at >= this.#windowMs)) this.#tries.delete(key);
    for (const key of this.#tries.keys()) {
      if (this.#tries.size <= 10_000) break;
      this.#tries.delete(key);
    }
  }
}
