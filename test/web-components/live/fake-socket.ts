import type { LiveSocket } from '../../../web-components/live/connection.ts';

type Handler = (...args: never[]) => void;

/** A socket that a test plays: it hears what is asked and says what the appliance would. */
export class FakeSocket {
  connected = false;
  active = true;
  readonly asked: [event: string, message: unknown][] = [];
  /** Answers by event; an event without one is never answered. */
  readonly answers = new Map<string, (message: never) => unknown>();
  readonly #handlers = new Map<string, Set<Handler>>();

  on(event: string, handler: Handler): this {
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(handler));
    return this;
  }

  off(event: string, handler: Handler): this {
    this.#handlers.get(event)?.delete(handler);
    return this;
  }

  emit(event: string, message: unknown, reply: (answer: unknown) => void): this {
    this.asked.push([event, message]);
    const answer = this.answers.get(event);
    if (answer) reply(answer(message as never));
    return this;
  }

  connect(): this {
    return this;
  }

  disconnect(): this {
    if (!this.connected) return this;
    this.connected = false;
    this.say('disconnect');
    return this;
  }

  /** Plays an event of the other side. */
  say(event: string, ...args: unknown[]): void {
    for (const handler of [...(this.#handlers.get(event) ?? [])]) handler(...(args as never[]));
  }

  open(): void {
    this.connected = true;
    this.say('connect');
  }

  listeners(event: string): number {
    return this.#handlers.get(event)?.size ?? 0;
  }

  askedFor(event: string): unknown[] {
    return this.asked.filter(([name]) => name === event).map(([, message]) => message);
  }

  get asSocket(): LiveSocket {
    return this as unknown as LiveSocket;
  }
}

export const ok = <T>(value: T) => ({ ok: true as const, value });
export const refused = (code: string) => ({ ok: false as const, code, message: `refused: ${code}` });
