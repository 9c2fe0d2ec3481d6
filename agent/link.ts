import { setTimeout as pause } from 'node:timers/promises';
import { ConnectError, connect } from './connect.ts';
import type { Identity } from './identity.ts';
import { type AgentLog, Once } from './log.ts';
import type { Session } from './session.ts';

type Refusal = NonNullable<ConnectError['refusal']>;

export interface LinkOptions {
  identity: () => Identity;
  /** Address that was given at the start; tried before those that are known. */
  hub?: string;
  log: AgentLog;
  /** A connection is open and proven. */
  onSession: (session: Session, url: string) => Promise<void>;
  /** Reached at this address: worth to be kept. */
  onReached: (url: string) => void;
  /** Not wanted. True when something was done about it and another try is worth it now. */
  onRefused: (refusal: Refusal) => Promise<boolean>;
  /** Looks for the appliance on the LAN and connects where it is; absent where mDNS is off. */
  find?: (identity: Identity, signal: AbortSignal) => Promise<{ session: Session; url: string }>;
}

const RETRY_MS = { least: 1_000, most: 30_000 } as const;
/** Whoever is not wanted asks again rarely: a person has to act first. */
const REFUSED_MS = 60_000;
/** Only a link that has been lost for so long makes the agent look on the LAN. */
const LOOK_AFTER_MS = 10_000;

/** Keeps a connection to the paired appliance, whatever happens to the network, the appliance and its address. */
export class Link {
  readonly #options: LinkOptions;
  readonly #news = new Once();
  readonly #stopped = new AbortController();
  #session: Session | undefined;
  #lostAt = performance.now();
  #failures = 0;
  #running: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Says goodbye; nothing is tried any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#session?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const refusal = await this.#attempt(signal);
      if (signal.aborted) return;
      if (refusal && (await this.#options.onRefused(refusal))) continue;
      const ms = refusal ? REFUSED_MS : this.#backoff();
      // Spread, so that a whole fleet does not come back in one moment.
      await pause(ms * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }

  #backoff(): number {
    return Math.min(RETRY_MS.most, RETRY_MS.least * 2 ** Math.min(10, this.#failures++));
  }

  /** One connection from beginning to end, or one failure; answers the refusal when there was one. */
  async #attempt(signal: AbortSignal): Promise<Refusal | undefined> {
    try {
      const { session, url } = await this.#open(signal);
      if (signal.aborted) {
        session.close();
        return undefined;
      }
      return await this.#hold(session, url);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!signal.aborted && this.#news.isNews('failure', reason)) this.#options.log.warn({ reason }, 'not connected');
      return error instanceof ConnectError ? error.refusal : undefined;
    }
  }

  /** Tries the known addresses, and looks on the LAN when they have failed for long enough. */
  async #open(signal: AbortSignal): Promise<{ session: Session; url: string }> {
    const { identity, hub, find } = this.#options;
    let failure: unknown = new Error('no address of the appliance is known');
    for (const url of new Set([...(hub === undefined ? [] : [hub]), ...identity().urls])) {
      if (signal.aborted) break;
      try {
        return { session: await connect(url, identity()), url };
      } catch (error) {
        if (error instanceof ConnectError && error.refusal) throw error;
        failure = error;
      }
    }
    const isLongLost = performance.now() - this.#lostAt >= LOOK_AFTER_MS;
    if (find && isLongLost && !signal.aborted) {
      const found = await find(identity(), signal).catch((error) => {
        if (error instanceof ConnectError) throw error;
      });
      if (found) return found;
    }
    throw failure;
  }

  async #hold(session: Session, url: string): Promise<Refusal | undefined> {
    const { log, onReached, onSession } = this.#options;
    this.#session = session;
    const openedAt = performance.now();
    log.info({ url }, 'connected');
    onReached(url);
    await onSession(session, url).catch((error) => {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the connection is of no use');
      session.close();
    });
    const { reason, refusal } = await session.closed;
    this.#session = undefined;
    this.#lostAt = performance.now();
    // A connection that ends again and again is no better than none.
    if (this.#lostAt - openedAt > LOOK_AFTER_MS) this.#failures = 0;
    this.#news.settle('failure');
    if (!this.#stopped.signal.aborted) log.warn({ reason: refusal?.message ?? reason }, 'the connection was closed');
    return refusal;
  }
}
