/** Lets a number of tasks at once; the rest wait in the order they came. */
export class Places {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs `work` when there is a place for it, or at once when `signal` is aborted, so that it can end. */
  async run<R>(signal: AbortSignal, work: () => Promise<R>): Promise<R> {
    while (this.#free <= 0 && !signal.aborted) await this.#wait(signal);
    this.#free--;
    try {
      return await work();
    } finally {
      this.#free++;
      const [first] = this.#waiting;
      first?.();
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.#waiting.delete(go);
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.#waiting.add(go);
      signal.addEventListener('abort', go);
    });
  }
}
