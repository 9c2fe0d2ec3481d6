import { Problem } from '../../problem.ts';

export interface QueueLimits {
  /** How many run at once: each holds its answer in memory until it is sent. */
  atOnce: number;
  /** How many of one session may wait. */
  mostWaiting: number;
}

interface Waiter {
  begin(): void;
}

/** Lets few queries run at once; the others wait, and sessions take turns, so that one with many does not keep the rest waiting. */
export class QueryQueue {
  readonly #limits: QueueLimits;
  readonly #waiting = new Map<string, Waiter[]>();
  #running = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Resolves when the query may run, with what ends it (to be called once or more). Fails with the signal's reason while it waits. */
  async enter(sessionId: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running >= this.#limits.atOnce) await this.#wait(sessionId, signal);
    else this.#running += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#running -= 1;
      this.#next();
    };
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, line) => sum + line.length, 0);
  }

  #wait(sessionId: string, signal: AbortSignal): Promise<void> {
    const line = this.#waiting.get(sessionId) ?? [];
    if (line.length >= this.#limits.mostWaiting)
      throw new Problem('too-many-requests', `${line.length} queries of yours wait already: wait for some of them`);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#leave(sessionId, waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        begin: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.set(sessionId, [...line, waiter]);
    });
  }

  #leave(sessionId: string, waiter: Waiter): void {
    const left = (this.#waiting.get(sessionId) ?? []).filter((each) => each !== waiter);
    if (left.length === 0) this.#waiting.delete(sessionId);
    else this.#waiting.set(sessionId, left);
  }

  /** The first of the session whose turn it is; the session goes to the end of the line. */
  #next(): void {
    const [turn] = this.#waiting;
    if (!turn) return;
    const [sessionId, [waiter, ...rest]] = turn;
    this.#waiting.delete(sessionId);
    if (rest.length > 0) this.#waiting.set(sessionId, rest);
    if (!waiter) return;
    this.#running += 1;
    waiter.begin();
  }
}
