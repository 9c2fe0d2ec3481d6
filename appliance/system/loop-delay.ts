import { monitorEventLoopDelay } from 'node:perf_hooks';

const NANOSECONDS = 1e6;
const RESOLUTION_MS = 20;

export interface LoopDelay {
  meanMs: number;
  p99Ms: number;
  mostMs: number;
}

/** How late the event loop is: what a timer waits beyond its time. */
export class LoopWatch {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #last: LoopDelay | undefined;

  constructor() {
    this.#histogram.enable();
  }

  /** Ends a minute. */
  tick(): void {
    this.#last = this.#now();
    this.#histogram.reset();
  }

  /** Of the last whole minute, or since the start within the first. */
  get delay(): LoopDelay {
    return this.#last ?? this.#now();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** The histogram holds whole steps of its timer: the step itself is no delay. */
  #now(): LoopDelay {
    const ms = (nanoseconds: number): number =>
      Number.isFinite(nanoseconds) ? Math.max(0, Math.round((nanoseconds / NANOSECONDS - RESOLUTION_MS) * 10) / 10) : 0;
    const { mean, max } = this.#histogram;
    return { meanMs: ms(mean), p99Ms: ms(this.#histogram.percentile(99)), mostMs: ms(max) };
  }
}
