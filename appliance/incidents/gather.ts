import type { Alert, Transition } from '../../protocol/alerts.ts';
import { isAboutReach } from './reach.ts';

/** One transition that people are to be told of. */
export interface Told {
  alert: Alert;
  transition: Transition;
}

/** Told together: one message for each who is told. */
export interface Telling {
  incidentId: string;
  items: readonly Told[];
}

/** Alerts of a site that open within this are one incident. */
export const WINDOW_MS = 30_000;
/** Where only machines went, nobody is told before none has gone for so long. */
export const SETTLE_MS = 10_000;

interface Window {
  incidentId: string;
  openedAt: number;
  lastAt: number;
  /** The first of the incident was told. */
  isTold: boolean;
  queue: Told[];
}

export const isEnd = ({ kind }: Transition): boolean => kind === 'resolved';

/**
 * Gathers what a site is told: the first alert at once, what follows within the window as one further message. Machines that go, or come
 * back, are waited for, because many go together. Pure: every moment is handed in.
 */
export class Gatherer {
  #window: Window | undefined;

  /** Whether something waits to be told. */
  get waits(): boolean {
    return (this.#window?.queue.length ?? 0) > 0;
  }

  /** What waits. */
  queued(): readonly Told[] {
    return this.#window?.queue ?? [];
  }

  /** Takes what is to be told; the answer goes out now. */
  take(item: Told, now: number): Telling[] {
    const isPatient = isAboutReach(item.alert);
    const window = this.#window ?? this.#open(item.alert.id, now);
    window.lastAt = now;
    const isBehind = window.queue.some(({ alert }) => alert.id === item.alert.id);
    if (isPatient || window.isTold || isBehind) {
      window.queue.push(item);
      return [];
    }
    window.isTold = true;
    return [{ incidentId: window.incidentId, items: [item] }];
  }

  /** Takes what `isGone` says of out of what waits. */
  drop(isGone: (item: Told) => boolean): Told[] {
    const queue = this.#window?.queue ?? [];
    const gone = queue.filter(isGone);
    if (this.#window) this.#window.queue = queue.filter((each) => !gone.includes(each));
    return gone;
  }

  /** What goes out because its time is over. While `isUnsure`, more machines may be going: the whole window is waited for. */
  tick(now: number, { isUnsure }: { isUnsure: boolean }): Telling[] {
    const window = this.#window;
    if (!window) return [];
    const isSettled = !window.isTold && !isUnsure && now - window.lastAt >= SETTLE_MS;
    if (now - window.openedAt < WINDOW_MS && !isSettled && now >= window.openedAt) return [];
    this.#window = undefined;
    const [first] = window.queue;
    if (!first) return [];
    // It goes on: what follows is gathered again, so that a storm is one message each half minute.
    this.#open(first.alert.id, now).isTold = true;
    return [{ incidentId: window.incidentId, items: window.queue }];
  }

  #open(alertId: string, now: number): Window {
    this.#window = { incidentId: alertId, openedAt: now, lastAt: now, isTold: false, queue: [] };
    return this.#window;
  }
}
