import { StorageError } from '../errors.ts';
import { placeOf } from './address.ts';
import { openSession, type Session, type Target } from './session.ts';

const MOST = 4;

/** A few connections that read beside the one that writes. One that fails to answer is ended, and another one made when it is needed. */
export class Readers {
  readonly #target: Target;
  readonly #idle: Session[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #isClosed = false;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Runs `work` with a connection that nobody else uses meanwhile. */
  async run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      const session = await this.#session();
      try {
        return await work(session);
      } finally {
        if (this.#isClosed) await session.close();
        else if (!session.isLost()) this.#idle.push(session);
      }
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all(this.#idle.splice(0).map((session) => session.close()));
  }

  async #turn(): Promise<void> {
    const endsAt = performance.now() + this.#target.limitMs;
    while (this.#busy >= MOST && !this.#isClosed) {
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) throw this.#refusal('all its connections are busy');
      await this.#freeWithin(leftMs);
    }
    if (this.#isClosed) throw this.#refusal('it was closed');
    this.#busy += 1;
  }

  #freeWithin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        resolve();
      }, ms);
      this.#waiting.push(wake);
    });
  }

  #refusal(why: string): StorageError {
    return new StorageError(`${placeOf(this.#target.address)} cannot be read`, new Error(why));
  }

  async #session(): Promise<Session> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) if (!idle.isLost()) return idle;
    return await openSession(this.#target);
  }
}
