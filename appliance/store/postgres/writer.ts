import { setTimeout as pause } from 'node:timers/promises';
import { Turns } from '../../turns.ts';
import { DataDirectoryError, StorageError } from '../errors.ts';
import type { StoreLog } from '../store-log.ts';
import { placeOf } from './address.ts';
import { endConnection, type Holder, holderOf, selfOf, takeLock } from './advisory-lock.ts';
import { type About, beginTerm, checkServer, type MayUse, readAbout } from './formats.ts';
import { openSession, type Session, type Target } from './session.ts';
import { isReadOnly, troubleOf } from './trouble.ts';

/** For how long a write waits for a connection that has just been lost. */
const GRACE_MS = 3_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * The one connection that writes: it holds the lock. When it is lost it is made again, for ever, and nothing is written until it is
 * there with the lock and nobody else has been at the database meanwhile.
 */
export class Writer {
  readonly about: About;
  readonly #target: Target;
  readonly #log: StoreLog;
  readonly #turns = new Turns();
  readonly #ending = new AbortController();
  #session: Session | undefined;
  /** This connection as the server knows it: after a cut of the network the lock may still be held by it. */
  #self: Holder;
  #trouble: StorageError | undefined;
  #lostAt = 0;
  #returned: Promise<void> = Promise.resolve();

  private constructor(parts: { target: Target; log: StoreLog; about: About; session: Session; self: Holder }) {
    this.#target = parts.target;
    this.#log = parts.log;
    this.about = parts.about;
    this.#self = parts.self;
    this.#use(parts.session);
  }

  /** Takes the lock, makes the tables where there are none. Fails with `StorageError`, or `DataDirectoryError` when it is not ours. */
  static async open(target: Target, log: StoreLog, mayUse?: MayUse): Promise<Writer> {
    const place = placeOf(target.address);
    const session = await openSession(target);
    try {
      const { isUnsafe } = await checkServer(session, place);
      if (isUnsafe)
        log.warn({ place }, 'The database server has fsync off: a power cut there may lose what was written, and more');
      if (!(await takeLock(session.query))) throw await inUse(session, place);
      const self = await selfOf(session.query);
      const about = await inTransaction(session, (query) => beginTerm(query, place, mayUse));
      return new Writer({ target, log, about, session, self });
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Runs `work` when all earlier ones are done, with the connection that holds the lock. */
  run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#turns.run(async () => {
      const session = await this.#present();
      try {
        return await work(session);
      } catch (error) {
        if (isReadOnly(error)) session.destroy();
        throw error;
      }
    });
  }

  trouble(): string | undefined {
    return this.#trouble?.message;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#turns.run(async () => this.#session?.close());
    await this.#returned;
  }

  get #place(): string {
    return placeOf(this.#target.address);
  }

  async #present(): Promise<Session> {
    const graceMs = this.#lostAt + GRACE_MS - performance.now();
    if (!this.#session && graceMs > 0)
      await Promise.race([
        this.#returned,
        pause(graceMs, undefined, { signal: this.#ending.signal }).catch(() => undefined),
      ]);
    if (this.#session) return this.#session;
    throw this.#trouble ?? new StorageError(`${this.#place} cannot be written`, new Error('it was closed'));
  }

  #use(session: Session): void {
    this.#session = session;
    this.#trouble = undefined;
    void session.ended.then(() => this.#lose());
  }

  #lose(): void {
    this.#session = undefined;
    if (this.#ending.signal.aborted) return;
    this.#lostAt = performance.now();
    this.#trouble = troubleOf(`${this.#place} cannot be reached`, new Error('the connection was cut'));
    this.#log.error(
      { place: this.#place },
      'The connection to the database is lost; nothing is written until it is back',
    );
    this.#returned = this.#return();
  }

  async #return(): Promise<void> {
    for (let waitMs = FIRST_PAUSE_MS; !this.#ending.signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const session = await this.#again();
        if (this.#ending.signal.aborted) return await session.close();
        const awayMs = Math.round(performance.now() - this.#lostAt);
        this.#log.info({ place: this.#place, awayMs }, 'The database is there again');
        this.#use(session);
        return;
      } catch (error) {
        // Such an error names the place by itself.
        const isOthers = error instanceof DataDirectoryError;
        this.#tell(troubleOf(isOthers ? 'Nothing is written' : `${this.#place} cannot be written`, error));
      }
      await pause(waitMs, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
  }

  /** Each reason is said once. */
  #tell(trouble: StorageError): void {
    if (trouble.message !== this.#trouble?.message)
      this.#log.warn({ place: this.#place, err: trouble }, trouble.message);
    this.#trouble = trouble;
  }

  async #again(): Promise<Session> {
    const session = await openSession(this.#target);
    try {
      await checkServer(session, this.#place);
      if (!(await takeLock(session.query))) {
        await endConnection(session.query, this.#self);
        throw await inUse(session, this.#place);
      }
      const about = await readAbout(session.query);
      if (about?.id !== this.about.id || about.term !== this.about.term) throw taken(this.#place);
      this.#self = await selfOf(session.query);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}

/** All that `work` does, or nothing of it. */
export async function inTransaction<T>(session: Session, work: (query: Session['query']) => Promise<T>): Promise<T> {
  await session.command('begin');
  try {
    const result = await work(session.query);
    const done = await session.command('commit');
    // A statement that failed and was caught in `work` has ended the transaction without a word.
    if (done !== 'COMMIT') throw new StorageError('nothing was written', new Error('a statement of it failed before'));
    return result;
  } catch (error) {
    await session.command('rollback').catch(() => session.destroy());
    throw error;
  }
}

async function inUse(session: Session, place: string): Promise<DataDirectoryError> {
  return new DataDirectoryError(
    'locked',
    `${place} is in use by ${await holderOf(session.query)}. Two appliances on one database would destroy each ` +
      'other’s data: stop the other one, or give this one a database of its own (REEVE_STORE).',
  );
}

const taken = (place: string): DataDirectoryError =>
  new DataDirectoryError(
    'locked',
    `Another appliance has written to ${place} since this one lost its connection, or the database was replaced. Stop the other one and start this one anew.`,
  );
