import type { Pace } from '../../appliance/history/log/pace.ts';

interface Event {
  at: number;
  order: number;
  run: () => void;
  isOff: boolean;
}

/** A clock that stands still while work is done and jumps to the next event when there is none. */
export class VirtualTime {
  #now = 0;
  #order = 0;
  readonly #events: Event[] = [];

  /** For the group commit; ms since the beginning. */
  readonly pace: Pace = {
    now: () => this.#now,
    after: (ms, run) => this.at(this.#now + ms, run),
  };

  get now(): number {
    return this.#now;
  }

  /** Calls at a moment; the answer takes it off again. */
  at(at: number, run: () => void): () => void {
    const event = { at: Math.max(at, this.#now), order: this.#order++, run, isOff: false };
    let place = this.#events.length;
    while (place > 0 && isBefore(event, this.#events[place - 1] as Event)) place -= 1;
    this.#events.splice(place, 0, event);
    return () => {
      event.isOff = true;
    };
  }

  /** Runs everything up to a moment; after each event waits until `settled` resolves. */
  async runUntil(end: number, settled: () => Promise<void>): Promise<void> {
    for (let event = this.#events[0]; event && event.at <= end; event = this.#events[0]) {
      this.#events.shift();
      if (event.isOff) continue;
      this.#now = event.at;
      event.run();
      await settled();
    }
    this.#now = end;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
