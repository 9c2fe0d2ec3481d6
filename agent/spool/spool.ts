import type { OffsetClock } from '../clock.ts';
import type { AgentLog } from '../log.ts';
import type { SeriesTable } from '../series.ts';
import { newStream } from '../stream.ts';
import { type EarlierStream, earlierStreams } from './earlier.ts';
import { bootClock } from './old-clock.ts';
import { Ring } from './ring.ts';
import { encodeFrame, encodeNote } from './segment.ts';
import { SpooledStream } from './spooled-stream.ts';

export interface SpoolOptions {
  series: SeriesTable;
  clock: OffsetClock;
  log: AgentLog;
  /** How long a frame waits for its acknowledgement in memory before it goes to disk. */
  patienceMs?: number;
  /** Least time between two writes: each is one append and one fdatasync. */
  batchMs?: number;
}

/** A stream that gets no new frames any more, with what its delivery needs. */
export interface ClosedStream extends EarlierStream {
  /** True for one of this process, whose newest frames may be in memory only. */
  isOwn: boolean;
}

const PATIENCE_MS = 30_000;
const BATCH_MS = 30_000;
/** More than one message: live frames would wait behind it. */
const LONG_BACKLOG = 120;

/**
 * Frames that the appliance does not have yet. They are in memory as long as the appliance takes them soon: a healthy agent writes
 * nothing. What waits longer goes to disk in batches, as far as there is one. A disk that takes nothing costs only safety.
 */
export class Spool {
  readonly #options: SpoolOptions;
  #current = new SpooledStream({ stream: newStream() });
  #closed: ClosedStream[] = [];
  #ring: Ring | undefined;
  #owner = '';
  /** Of the newest note on disk: while it is the same it is not written again. */
  #noted = '';
  #writtenAt = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | undefined;
  #isFailing = false;
  #holdMs = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** The stream that new frames belong to. */
  get current(): SpooledStream {
    return this.#current;
  }

  /** Streams that ended and are not delivered, oldest first. */
  get closed(): readonly ClosedStream[] {
    return this.#closed;
  }

  /** Begins to use a folder and takes up what earlier runs left there for `owner`, the agent id. That there is none costs only safety. */
  open({ dir, mostBytes, owner }: { dir: string; mostBytes: number; owner: string }): void {
    const { log } = this.#options;
    this.#owner = owner;
    if (mostBytes === 0) return;
    try {
      const ring = new Ring({ dir, mostBytes, log });
      const earlier = earlierStreams({ ring, owner, log, clock: this.#options.clock });
      this.#closed.push(...earlier.map((each) => ({ ...each, isOwn: false })));
      this.#current.attach(ring);
      this.#ring = ring;
    } catch (error) {
      log.warn({ dir, reason: String(error) }, 'the spool folder cannot be used; frames are kept in memory only');
    }
  }

  /** The appliance said how long it holds frames before it acknowledges them: so much longer they stay in memory. */
  expectHold(holdMs: number): void {
    this.#holdMs = holdMs;
  }

  /** The agent was paired anew: nothing that was read for another goes to this one. */
  belongTo(owner: string): void {
    if (owner === this.#owner) return;
    this.#owner = owner;
    this.#noted = '';
    for (const { outbox } of this.#closed) this.#removeFiles(outbox.stream);
    this.#closed = [];
  }

  /** A connection begins. After an outage the frames of now get a stream of their own, so that they need not wait for the backlog. */
  turn(): void {
    const isOneInMemory = this.#closed.some(({ isOwn, outbox }) => isOwn && outbox.inMemory.length > 0);
    if (this.#current.size <= LONG_BACKLOG || isOneInMemory) return;
    const { series, clock } = this.#options;
    this.#closed.push({ outbox: this.#current, series, clock, isOwn: true });
    this.#current = new SpooledStream({ stream: newStream() });
    if (this.#ring) this.#current.attach(this.#ring);
  }

  /** A closed stream was delivered: it is forgotten. */
  forget({ outbox }: ClosedStream): void {
    this.#closed = this.#closed.filter((each) => each.outbox !== outbox);
    this.#removeFiles(outbox.stream);
  }

  /** A frame was added: writes what has waited too long, now and then. */
  tend(): void {
    const { patienceMs = PATIENCE_MS, batchMs = BATCH_MS } = this.#options;
    const now = performance.now();
    const [oldest] = this.#current.inMemory;
    if (!this.#ring || !oldest || this.#writing) return;
    const hasWaited = now - oldest.mono >= patienceMs + this.#holdMs || this.#current.isPressed;
    if (hasWaited && now - this.#writtenAt >= batchMs) void this.#write();
  }

  /** Writes everything that is in memory only: the process ends. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  #write(): Promise<void> {
    this.#writtenAt = performance.now();
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { log } = this.#options;
    try {
      for (const { outbox, isOwn } of this.#closed) if (isOwn) await this.#writeStream(outbox);
      await this.#writeStream(this.#current);
      if (this.#isFailing) log.info({}, 'frames that wait are written to disk again');
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.warn({ reason: String(error) }, 'frames cannot be written to disk; memory holds them');
      this.#isFailing = true;
    }
  }

  async #writeStream(outbox: SpooledStream): Promise<void> {
    const frames = [...outbox.inMemory];
    const [first, last] = [frames[0], frames.at(-1)];
    if (!this.#ring || !first || !last) return;
    const state = this.#noteState(outbox.stream);
    await this.#ring.append({
      stream: outbox.stream,
      firstSeq: first.seq,
      lastSeq: last.seq,
      records: frames.map(encodeFrame),
      note: this.#note(outbox),
      isNoteNew: state !== this.#noted,
    });
    this.#noted = state;
    outbox.written(last.seq);
  }

  /** What makes an older note wrong. */
  #noteState(stream: string): string {
    const { series, clock } = this.#options;
    return JSON.stringify([stream, this.#owner, series.size, clock.isMeasured, clock.offsetMs, clock.steps.length]);
  }

  #note(outbox: SpooledStream): Buffer {
    const { series, clock } = this.#options;
    const all = series.since(0);
    return encodeNote({
      owner: this.#owner,
      ...bootClock(),
      ackedSeq: outbox.confirmedSeq,
      offsetMs: clock.isMeasured ? clock.offsetMs : null,
      steps: clock.steps,
      series: all,
      descriptors: series.describe(all),
    });
  }

  #removeFiles(stream: string): void {
    for (const segment of this.#ring?.of(stream) ?? []) this.#ring?.remove(segment);
  }
}
