import type { Socket } from 'socket.io-client';
import type { ApplianceToDashboard, DashboardToAppliance, LiveAnswer } from '../../protocol/live.ts';
import { Observable } from './observable.ts';

/** The part of a Socket.IO client that is used here; tests hand in their own. */
export type LiveSocket = Pick<
  Socket<ApplianceToDashboard, DashboardToAppliance>,
  'on' | 'off' | 'emit' | 'connect' | 'disconnect' | 'connected' | 'active'
>;

/** `live`; `reconnecting` for the first seconds of a break; then `stale`; `ended` when the session is gone. */
export type LinkState = 'connecting' | 'live' | 'reconnecting' | 'stale' | 'ended';

/** How long a break is only "reconnecting". */
export const STALE_AFTER_MS = 10_000;

type Asked = keyof DashboardToAppliance;
type MessageOf<E extends Asked> = Parameters<DashboardToAppliance[E]>[0];
type ValueOf<E extends Asked> =
  Parameters<Parameters<DashboardToAppliance[E]>[1]>[0] extends LiveAnswer<infer T> ? T : never;

/** A question on the socket that the appliance refused; `code` as in the API. */
export class LiveRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'LiveRefusal';
    this.code = code;
  }
}

/**
 * The dashboard's one socket to `/live`: knows how the link is, asks questions, and lets stores ask theirs again after every
 * reconnect. Listeners hear of changes of `state`.
 */
export class Connection extends Observable {
  readonly #socket: LiveSocket;
  readonly #now: () => number;
  readonly #onConnect = new Set<() => void>();
  #state: LinkState = 'connecting';
  #brokenAt: number | undefined;
  #heardAt: number | undefined;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: LiveSocket, now: () => number) {
    super();
    this.#socket = socket;
    this.#now = now;
    socket.on('connect', () => this.#connected());
    socket.on('disconnect', () => this.#broke());
    socket.on('connect_error', () => this.#refused());
    socket.on('ended', () => this.#end());
  }

  get state(): LinkState {
    return this.#state;
  }

  /** When the last value came or, on a link that brought none, when it broke; epoch ms of this device. */
  get staleSince(): number | undefined {
    return this.#state === 'live' ? undefined : (this.#heardAt ?? this.#brokenAt);
  }

  start(): void {
    this.#socket.connect();
  }

  stop(): void {
    clearTimeout(this.#staleTimer);
    this.#socket.disconnect();
  }

  /** Hears an event of the appliance; the answer takes the listener off again. */
  on<E extends keyof ApplianceToDashboard>(name: E, listener: ApplianceToDashboard[E]): () => void {
    const heard = ((...args: Parameters<ApplianceToDashboard[E]>) => {
      this.#heardAt = this.#now();
      (listener as (...args: Parameters<ApplianceToDashboard[E]>) => void)(...args);
    }) as never;
    this.#socket.on(name, heard);
    return () => void this.#socket.off(name, heard);
  }

  /** Calls `ask` now, if there is a link, and after every later connect: what was subscribed on an old link is gone with it. */
  onConnect(ask: () => void): () => void {
    this.#onConnect.add(ask);
    if (this.#socket.connected) ask();
    return () => void this.#onConnect.delete(ask);
  }

  /** Asks the appliance and waits for its answer. Throws `LiveRefusal`. */
  ask<E extends Asked>(event: E, message: MessageOf<E>): Promise<ValueOf<E>> {
    return new Promise((resolve, reject) => {
      const reply = (answer: LiveAnswer<ValueOf<E>>) =>
        answer.ok ? resolve(answer.value) : reject(new LiveRefusal(answer.code, answer.message));
      (this.#socket.emit as (event: string, message: unknown, reply: unknown) => void)(event, message, reply);
    });
  }

  get isConnected(): boolean {
    return this.#socket.connected;
  }

  #connected(): void {
    clearTimeout(this.#staleTimer);
    this.#brokenAt = undefined;
    this.#become('live');
    for (const ask of [...this.#onConnect]) ask();
  }

  #broke(): void {
    if (this.#state === 'ended') return;
    this.#brokenAt ??= this.#now();
    this.#become('reconnecting');
    clearTimeout(this.#staleTimer);
    this.#staleTimer = setTimeout(() => this.#become('stale'), STALE_AFTER_MS);
  }

  /** An inactive socket was refused by the appliance and does not try again by itself: the session is gone. */
  #refused(): void {
    if (!this.#socket.active) this.#end();
    else if (this.#brokenAt === undefined) this.#broke();
  }

  #end(): void {
    clearTimeout(this.#staleTimer);
    this.#become('ended');
    this.#socket.disconnect();
  }

  #become(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.changed();
  }
}
