/** The clocks of this machine at one moment, ms. `boot` counts while the machine sleeps, `mono` does not; it is asked rarely. */
export interface Clocks {
  wall: number;
  mono: number;
  boot: () => number;
}

/** One question for the appliance's time: when it was asked and answered on the own clocks, and what it said. */
export interface TimeRound {
  askedWall: number;
  askedMono: number;
  answeredMono: number;
  theirs: number;
}

/** Changes below this are noise of the network, and would make the stored times of one host jitter. */
const LEAST_CHANGE_MS = 250;
const MOST_STEPS = 32;

/**
 * How far this machine's wall clock is behind the appliance's. Measured as in NTP (RFC 5905 §8): of several rounds the one with
 * the shortest way tells most, and half of its way is taken off. Steps of the own clock are seen by comparing it with the
 * monotonic one, so that frames from before a step can be sent with the offset that held for them.
 */
export class OffsetClock {
  #offsetMs = 0;
  #isMeasured = false;
  /** Wall minus monotonic, and boot minus monotonic, as last seen. */
  #wallAhead: number;
  #asleep: number;
  #steps: { mono: number; byMs: number }[] = [];

  constructor({ wall, mono, boot }: Clocks) {
    this.#wallAhead = wall - mono;
    this.#asleep = boot() - mono;
  }

  /** What to add to the wall clock now for appliance time; 0 until it was measured. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  get isMeasured(): boolean {
    return this.#isMeasured;
  }

  /** How the wall clock was set in this process; the newest are remembered. */
  get steps(): readonly { mono: number; byMs: number }[] {
    return this.#steps;
  }

  /** Takes in a measurement. True when it changed the offset. */
  take(rounds: readonly TimeRound[]): boolean {
    const [best] = [...rounds].sort((a, b) => wayOf(a) - wayOf(b));
    if (!best) return false;
    const measured = Math.round(best.theirs - (best.askedWall + wayOf(best) / 2));
    if (this.#isMeasured && Math.abs(measured - this.#offsetMs) < LEAST_CHANGE_MS) return false;
    this.#offsetMs = measured;
    this.#isMeasured = true;
    return true;
  }

  /** Looks at the clocks. True when the wall clock was set since the last look, so that it is time to measure again. */
  observe({ wall, mono, boot }: Clocks): boolean {
    const jumped = wall - mono - this.#wallAhead;
    if (Math.abs(jumped) < LEAST_CHANGE_MS) return false;
    this.#wallAhead += jumped;
    const asleep = boot() - mono;
    // While the machine slept, both clocks were right: only the rest is a step.
    const byMs = Math.round(jumped - (asleep - this.#asleep));
    this.#asleep = asleep;
    if (Math.abs(byMs) < LEAST_CHANGE_MS) return false;
    this.#offsetMs -= byMs;
    // Frames carry whole milliseconds: the one that is read right now must not look older than the step.
    this.#steps = [...this.#steps, { mono: Math.floor(mono), byMs }].slice(-MOST_STEPS);
    return true;
  }

  /** What to add to the `at` of a frame of this process. */
  offsetFor({ mono }: { mono: number }): number {
    let offset = this.#offsetMs;
    for (const step of this.#steps) if (mono < step.mono) offset += step.byMs;
    return offset;
  }
}

const wayOf = ({ askedMono, answeredMono }: TimeRound): number => Math.max(0, answeredMono - askedMono);
