import { StorageError } from '../errors.ts';
import { placeOf } from './address.ts';
import { openSession, type Session, type Target } from './session.ts';

const MOST = 4;

/** A few connections that read beside the one that writes. One that fails to answer is ended, and another one made when it is needed. */
export class Readers {
  readonly #target: Target;
  readonly #idle: Session[] = [];
  readonly #all = new Set<Session>();
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
        if (session.isLost() || this.#isClosed) this.#all.delete(session);
        else this.#idle.push(session);
        if (this.#isClosed) await session.close();
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
    while (this.#busy >= MOST && !this.#isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#isClosed)
      throw new StorageError(`${placeOf(this.#target.address)} cannot be read`, new Error('it was closed'));
    this.#busy += 1;
  }

  async #session(): Promise<Session> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) if (!idle.isLost()) return idle;
    return await openSession(this.#target);
  }
}
