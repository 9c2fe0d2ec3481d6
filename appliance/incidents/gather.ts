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
/** Nobody waits longer than that to be told because of doubt about the cause. */
export const DOUBT_MS = 90_000;

interface Window {
  incidentId: string;
  openedAt: number;
  lastAt: number;
  /** The first of the incident was told. */
  isTold: boolean;
  queue: Queued[];
}

interface Queued {
  item: Told;
  at: number;
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
    return this.#window?.queue.map(({ item }) => item) ?? [];
  }

  /** Takes what is to be told; the answer goes out now. */
  take(item: Told, now: number): Telling[] {
    const isPatient = isAboutReach(item.alert);
    const window = this.#window ?? this.#open(item.alert.id, now);
    window.lastAt = now;
    const isBehind = window.queue.some(({ item: { alert } }) => alert.id === item.alert.id);
    if (isPatient || window.isTold || isBehind) {
      window.queue.push({ item, at: now });
      return [];
    }
    window.isTold = true;
    return [{ incidentId: window.incidentId, items: [item] }];
  }

  /** Takes what `isGone` says of out of what waits. */
  drop(isGone: (item: Told) => boolean): Told[] {
    const queue = this.#window?.queue ?? [];
    const gone = queue.filter(({ item }) => isGone(item));
    if (this.#window) this.#window.queue = queue.filter((each) => !gone.includes(each));
    return gone.map(({ item }) => item);
  }

  /** What goes out because its time is over. Of which `isUnsure` says that its cause may be elsewhere waits on, whatever the window does. */
  tick(now: number, { isUnsure }: { isUnsure: (item: Told) => boolean }): Telling[] {
    const window = this.#window;
    if (!window) return [];
    const { queue, openedAt, incidentId } = window;
    const doubted = new Set(
      queue
        .filter(({ item, at }) => now - at < DOUBT_MS && !isEnd(item.transition) && isUnsure(item))
        .map(({ item }) => item.alert.id),
    );
    const isSettled = !window.isTold && doubted.size === 0 && now - window.lastAt >= SETTLE_MS;
    if (now - openedAt < WINDOW_MS && !isSettled && now >= openedAt) return [];
    const staying = queue.filter(({ item }) => doubted.has(item.alert.id));
    const going = queue.filter((each) => !staying.includes(each)).map(({ item }) => item);
    const [first] = going;
    if (!first) {
      if (staying.length === 0) this.#window = undefined;
      return [];
    }
    // It goes on: what follows is gathered again, so that a storm is one message each half minute.
    const next = this.#open(first.alert.id, now);
    next.isTold = true;
    next.queue = staying;
    return [{ incidentId, items: going }];
  }

  #open(alertId: string, now: number): Window {
    this.#window = { incidentId: alertId, openedAt: now, lastAt: now, isTold: false, queue: [] };
    return this.#window;
  }
}
