import type { AgentLog } from '../log.ts';
import type { Outbox } from '../outbox.ts';
import { type DeliveringSession, Sender } from '../sender.ts';
import { LinkError } from '../session.ts';
import type { ClosedStream, Spool } from './spool.ts';

export interface ReplayOptions {
  session: DeliveringSession;
  spool: Spool;
  log: AgentLog;
}

/** 5 messages a second beside those of now, of the 20 that the appliance takes from one host: at most 600 frames a second. */
const MESSAGE_EVERY_MS = 200;

/** Delivers the closed streams of the spool over one connection, one after the other, beside the frames of now. */
export class Replay {
  readonly #options: ReplayOptions;
  #frames = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** Begins with the oldest. Ends by itself when everything is delivered or the connection is lost. */
  start(): void {
    const { session, spool, log } = this.#options;
    const [stream] = spool.closed;
    if (!session.isOpen) return;
    if (!stream) {
      if (this.#frames > 0) log.info({ frames: this.#frames }, 'everything that had waited is delivered');
      return;
    }
    const sender = new Sender({
      session: this.#guarded(stream),
      stream: stream.outbox.stream,
      outbox: this.#watched(stream),
      series: stream.series,
      clock: stream.clock,
      log,
      backlogEveryMs: MESSAGE_EVERY_MS,
    });
    void sender.start();
  }

  /** Goes on with the next stream as soon as this one is delivered. */
  #watched(stream: ClosedStream): Outbox {
    const { outbox } = stream;
    let isOver = false;
    const look = () => {
      if (isOver || !outbox.isDelivered) return;
      isOver = true;
      this.#finish(stream);
    };
    return {
      add: (reading) => outbox.add(reading),
      next: (most) => {
        const outgoing = outbox.next(most);
        if (outgoing?.kind === 'frames') this.#frames += outgoing.frames.length;
        return outgoing;
      },
      confirm: (ack) => {
        outbox.confirm(ack);
        look();
      },
      resume: (ack) => {
        outbox.resume(ack);
        look();
      },
      get size() {
        return outbox.size;
      },
    };
  }

  /** What the appliance will never take must not be in the way of the others. */
  #guarded(stream: ClosedStream): DeliveringSession {
    const { session, log } = this.#options;
    return {
      closed: session.closed,
      get isOpen() {
        return session.isOpen;
      },
      close: () => session.close(),
      frames: (message) => session.frames(message),
      more: (message) => session.more(message),
      skip: (message) => session.skip(message),
      declare: async (message) => {
        try {
          return await session.declare(message);
        } catch (error) {
          if (error instanceof LinkError && error.code === 'invalid') {
            log.error(
              { stream: message.stream, reason: error.message },
              'frames of an earlier run are refused for good',
            );
            this.#finish(stream);
          }
          throw error;
        }
      },
    };
  }

  #finish(stream: ClosedStream): void {
    const { spool } = this.#options;
    if (!spool.closed.includes(stream)) return;
    spool.forget(stream);
    queueMicrotask(() => this.start());
  }
}
