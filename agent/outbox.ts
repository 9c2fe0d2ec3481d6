import type { Ack, Skip } from '../protocol/agent-link.ts';
import type { Frame } from '../protocol/frames.ts';

/** The next thing to tell the appliance: frames in order, or that some are gone. */
export type Outgoing = { kind: 'frames'; frames: Frame[] } | { kind: 'skip'; skip: Skip };

/**
 * Keeps frames until the appliance has them for good. The link hands them on from a cursor: `next` moves it forward, `resume` sets
 * it back to what the appliance has. This is the seam for a spool on disk.
 */
export interface Outbox {
  /** Numbers a reading and keeps it. When there is no room the oldest frames go, and are reported as skipped. */
  add(reading: { at: number; mono: number; values: (number | null)[] }): void;
  /** What follows the cursor, at most so many frames and numbers in them; undefined when there is nothing. */
  next(most: { frames: number; numbers: number }): Outgoing | undefined;
  /** Frames up to `ackedSeq` are safe, forgotten, and never handed on again. */
  confirm(ack: Ack): void;
  /** A connection begins: the appliance has everything up to `ackedSeq` and wants what comes behind it. */
  resume(ack: Ack): void;
  /** Frames that are kept. */
  readonly size: number;
}

export interface MemoryOutboxOptions {
  stream: string;
  /** Numbers in all frames together, of 8 bytes each: memory is what has to be bounded, not the count of frames. */
  mostNumbers?: number;
}

/** 4 MB: more than 8 hours of 40 values at 5 s. */
const MOST_NUMBERS = 500_000;

/** An outbox in memory; what it holds is lost with the process, and the next process is another stream. */
export class MemoryOutbox implements Outbox {
  readonly #stream: string;
  readonly #mostNumbers: number;
  /** Kept frames in order without holes; the first kept is at `#start`, and before it is nothing. */
  #frames: (Frame | undefined)[] = [];
  #start = 0;
  #numbers = 0;
  #lastSeq = 0;
  /** Highest that the appliance ever acknowledged. */
  #confirmedSeq = 0;
  /** Last that was handed on. */
  #cursor = 0;

  constructor({ stream, mostNumbers = MOST_NUMBERS }: MemoryOutboxOptions) {
    this.#stream = stream;
    this.#mostNumbers = mostNumbers;
  }

  get size(): number {
    return this.#frames.length - this.#start;
  }

  add({ at, mono, values }: { at: number; mono: number; values: (number | null)[] }): void {
    this.#frames.push({ stream: this.#stream, seq: ++this.#lastSeq, at, mono, values });
    this.#numbers += values.length;
    while (this.#numbers > this.#mostNumbers && this.size > 1) this.#dropOldest();
  }

  next(most: { frames: number; numbers: number }): Outgoing | undefined {
    const gap = this.#gap();
    if (gap) {
      this.#cursor = gap.toSeq;
      return { kind: 'skip', skip: gap };
    }
    const first = this.#start + (this.#cursor - this.#firstSeq) + 1;
    const frames: Frame[] = [];
    let numbers = 0;
    for (const frame of this.#frames.slice(first, first + most.frames)) {
      if (!frame) break;
      numbers += frame.values.length;
      if (numbers > most.numbers && frames.length > 0) break;
      frames.push(frame);
    }
    if (frames.length === 0) return undefined;
    this.#cursor += frames.length;
    return { kind: 'frames', frames };
  }

  confirm({ stream, ackedSeq }: Ack): void {
    if (stream !== this.#stream) return;
    this.#confirmedSeq = Math.max(this.#confirmedSeq, Math.min(ackedSeq, this.#lastSeq));
    this.#cursor = Math.max(this.#cursor, this.#confirmedSeq);
    while (this.size > 0 && this.#firstSeq <= ackedSeq) this.#dropOldest();
  }

  resume({ stream, ackedSeq }: Ack): void {
    if (stream !== this.#stream) return;
    // Should never be: it has more than was ever sent. Go on behind it, else nothing of this stream is accepted any more.
    if (ackedSeq > this.#lastSeq) this.#forgetUpTo(ackedSeq);
    this.confirm({ stream, ackedSeq });
    this.#cursor = ackedSeq;
  }

  get #firstSeq(): number {
    return this.#lastSeq - this.size + 1;
  }

  /** Frames behind the cursor that are no longer here: dropped for want of room, or given away before the appliance lost them. */
  #gap(): Skip | undefined {
    const fromSeq = this.#cursor + 1;
    if (fromSeq >= this.#firstSeq) return undefined;
    const wasConfirmed = fromSeq <= this.#confirmedSeq;
    const toSeq = wasConfirmed ? Math.min(this.#confirmedSeq, this.#firstSeq - 1) : this.#firstSeq - 1;
    return { stream: this.#stream, fromSeq, toSeq, reason: wasConfirmed ? 'appliance-restored' : 'overflow' };
  }

  #forgetUpTo(seq: number): void {
    this.#frames = [];
    this.#start = 0;
    this.#numbers = 0;
    this.#lastSeq = seq;
    this.#confirmedSeq = seq;
  }

  #dropOldest(): void {
    this.#numbers -= this.#frames[this.#start]?.values.length ?? 0;
    this.#frames[this.#start++] = undefined;
    // Cutting the front off at every step would copy the whole list each time.
    if (this.#start < 64 && this.#start < this.#frames.length) return;
    this.#frames.splice(0, this.#start);
    this.#start = 0;
  }
}
