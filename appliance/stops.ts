/** What was started, to be stopped in reverse order; one that fails does not keep the others from stopping. */
export class Stops {
  readonly #all: { what: string; stop: () => unknown }[] = [];
  readonly #onError: (what: string, error: unknown) => void;

  constructor(onError: (what: string, error: unknown) => void) {
    this.#onError = onError;
  }

  add(what: string, stop: () => unknown): void {
    this.#all.push({ what, stop });
  }

  /** Runs `work` every `ms` until stopped; a failure is reported and the next round still comes. */
  every(ms: number, what: string, work: () => unknown): void {
    const timer = setInterval(() => {
      void (async () => work())().catch((error) => this.#onError(what, error));
    }, ms);
    this.add(what, () => clearInterval(timer));
  }

  async stop(): Promise<void> {
    for (let last = this.#all.pop(); last; last = this.#all.pop()) {
      try {
        await last.stop();
      } catch (error) {
        this.#onError(last.what, error);
      }
    }
  }
}
