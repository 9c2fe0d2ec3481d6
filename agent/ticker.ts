export type Grade = 'durable' | 'watch';

export interface TickerOptions {
  intervalMs: number;
  /** Appliance time as far as it is known, epoch ms. */
  now: () => number;
  /** `target` is the multiple that is meant, epoch ms in appliance time. */
  onTick: (grade: Grade, target: number) => void;
}

/**
 * Calls at multiples of the interval in appliance time, so that one commit there holds many hosts; while somebody watches also in
 * between. One timer, and none that is not needed.
 */
export class Ticker {
  readonly #options: TickerOptions;
  #intervalMs: number;
  #watchMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  /** Last multiple that was ticked for. */
  #target = 0;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs;
  }

  get intervalMs(): number {
    return this.#intervalMs;
  }

  start(): void {
    this.#startedAt = this.#options.now();
    this.#plan();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Takes up another interval, from the next multiple on. */
  set(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    if (this.#timer) this.#plan();
  }

  /** Ticks in between every so many ms; 0 ends it. */
  watch(watchMs: number): void {
    if (watchMs === this.#watchMs) return;
    this.#watchMs = watchMs;
    if (this.#timer) this.#plan();
  }

  /** Plans afresh: the clock has changed. */
  #plan(): void {
    clearTimeout(this.#timer);
    const period = this.#watchMs > 0 ? Math.min(this.#watchMs, this.#intervalMs) : this.#intervalMs;
    const now = this.#options.now();
    // A timer may fire a millisecond early: never the same target twice. A target far ahead is from before the clock was set back.
    const after = this.#target > now + this.#intervalMs ? now : Math.max(now, this.#target);
    let target = (Math.floor(after / period) + 1) * period;
    if (this.#watchMs === 0 && this.#isTooEarly(target)) target += period;
    this.#timer = setTimeout(() => this.#fire(target), Math.max(1, target - now));
  }

  #fire(target: number): void {
    this.#target = target;
    this.#plan();
    const isDurable = target % this.#intervalMs === 0 && !this.#isTooEarly(target);
    this.#options.onTick(isDurable ? 'durable' : 'watch', target);
  }

  /** A durable tick right after the start would hold rates over a few milliseconds. */
  #isTooEarly(target: number): boolean {
    const since = target - this.#startedAt;
    return since >= 0 && since < this.#intervalMs / 2;
  }
}
