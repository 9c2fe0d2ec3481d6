const MOST = 32;

/** The values behind a judgement, few enough to be kept with it: when they become too many, every second one goes. */
export class Evidence {
  readonly #times: number[] = [];
  readonly #values: number[] = [];
  #stride = 1;
  #seen = 0;
  #sumMs = 0;
  #weightMs = 0;
  #last: [number, number] | undefined;

  add(at: number, value: number): void {
    if (this.#last && at > this.#last[0]) {
      this.#sumMs += value * (at - this.#last[0]);
      this.#weightMs += at - this.#last[0];
    }
    this.#last = [at, value];
    if (this.#seen++ % this.#stride !== 0) return;
    if (this.#times.length === MOST) this.#thin();
    this.#times.push(at);
    this.#values.push(value);
  }

  /** Weighted by time; of one value, the value itself. NaN of none. */
  get mean(): number {
    return this.#weightMs > 0 ? this.#sumMs / this.#weightMs : (this.#last?.[1] ?? Number.NaN);
  }

  /** Moments and values, oldest first; the last one is always among them. */
  samples(): [number, number][] {
    const kept = this.#times.map((at, i): [number, number] => [at, this.#values[i] ?? Number.NaN]);
    if (this.#last && this.#times.at(-1) !== this.#last[0]) kept.push([...this.#last]);
    return kept;
  }

  clear(): void {
    this.#times.length = 0;
    this.#values.length = 0;
    this.#stride = 1;
    this.#seen = 0;
    this.#sumMs = 0;
    this.#weightMs = 0;
    this.#last = undefined;
  }

  #thin(): void {
    for (let i = 0; i < MOST / 2; i++) {
      this.#times[i] = this.#times[i * 2] ?? 0;
      this.#values[i] = this.#values[i * 2] ?? 0;
    }
    this.#times.length = MOST / 2;
    this.#values.length = MOST / 2;
    this.#stride *= 2;
  }
}
