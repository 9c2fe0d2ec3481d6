import type { FrameEvent, Hub } from '../hub.ts';

/** One host as far as its beat goes. */
export interface BeatingHost {
  id: string;
  intervalMs: number;
  status: 'online' | 'stale' | 'offline' | 'unknown';
}

interface Minute {
  at: number;
  expected: number;
  received: number;
  hosts: number;
  online: number;
}

const MINUTE_MS = 60_000;
const KEPT_MINUTES = 24 * 60;

/** How many frames came of those that should have, minute by minute, for a day. A host that is off counts: its beat fails. */
export class Heartbeats {
  readonly #minutes: Minute[] = [];
  readonly #received = new Map<string, number>();
  #frames = 0;
  #values = 0;
  #last = { framesPerSecond: 0, valuesPerSecond: 0 };
  #late = 0;

  constructor(hub: Hub) {
    hub.on('frame', (frame) => this.#hear(frame));
  }

  get ingest(): { framesPerSecond: number; valuesPerSecond: number; lateFrames: number } {
    return { ...this.#last, lateFrames: this.#late };
  }

  /** Ends a minute; `hosts` are those that have sent at least once. */
  tick(at: number, hosts: readonly BeatingHost[]): void {
    const known = hosts.filter(({ status }) => status !== 'unknown');
    const minute: Minute = { at, expected: 0, received: 0, hosts: known.length, online: 0 };
    for (const { id, intervalMs, status } of known) {
      const expected = MINUTE_MS / intervalMs;
      minute.expected += expected;
      // One more than expected is the other half of a tick at the border of two minutes.
      minute.received += Math.min(this.#received.get(id) ?? 0, Math.ceil(expected) + 1);
      if (status === 'online') minute.online += 1;
    }
    if (known.length > 0) this.#minutes.push(minute);
    if (this.#minutes.length > KEPT_MINUTES) this.#minutes.shift();
    const perSecond = (count: number): number => Math.round((count / (MINUTE_MS / 1_000)) * 100) / 100;
    this.#last = { framesPerSecond: perSecond(this.#frames), valuesPerSecond: perSecond(this.#values) };
    this.#frames = 0;
    this.#values = 0;
    this.#received.clear();
  }

  /** Shares over the kept minutes; undefined before the first. */
  shares(): { sinceAt: number; received: number; online: number } | undefined {
    const [first] = this.#minutes;
    if (!first) return undefined;
    const sum = (of: (minute: Minute) => number): number => this.#minutes.reduce((all, each) => all + of(each), 0);
    const expected = sum((each) => each.expected);
    const hosts = sum((each) => each.hosts);
    return {
      sinceAt: first.at - MINUTE_MS,
      received: expected > 0 ? Math.min(1, sum((each) => each.received) / expected) : 1,
      online: hosts > 0 ? sum((each) => each.online) / hosts : 1,
    };
  }

  #hear({ hostId, grade, late, values, isAside = false }: FrameEvent): void {
    if (grade !== 'durable' || isAside) return;
    this.#frames += 1;
    this.#values += values.length;
    if (late) this.#late += 1;
    else this.#received.set(hostId, (this.#received.get(hostId) ?? 0) + 1);
  }
}
