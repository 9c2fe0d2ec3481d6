/** Long work on the main thread is done in slices of at most this, so that live frames are never late (contracts §3). */
const SLICE_MS = 8;

/** Pieces of long work that wait for their next slice. */
const waiting: (() => void)[] = [];

/** One slice in each turn of the event loop, however much long work there is: what else is due never waits for two of them. */
function nextSlice(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(runOne);
  });
}

function runOne(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(runOne);
}

/** Lets others run when the slice is used up. One for each piece of long work. */
export class Slices {
  #begun = performance.now();
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /**
   * To be called at least each millisecond or two; fails with the signal's reason when the work is no longer wanted. Mostly there is
   * nothing to wait for, and no promise is made.
   */
  pause(): Promise<void> | undefined {
    this.#signal?.throwIfAborted();
    return performance.now() - this.#begun < SLICE_MS ? undefined : this.#wait();
  }

  async #wait(): Promise<void> {
    await nextSlice();
    this.#begun = performance.now();
    this.#signal?.throwIfAborted();
  }
}
