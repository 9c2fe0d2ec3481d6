import { StorageError } from '../../store/errors.ts';
import type { CommitLog } from '../../store/history-engine.ts';
import type { SkipEntry } from '../skips.ts';
import { type Batch, emptyBatch, newOutcome } from './batch.ts';
import { encodeCommit, type LoggedFrame, type Source } from './commit.ts';
import { type Pace, realPace } from './pace.ts';

/** A segment of the log is closed at this size, so that what is sealed can be let go of. */
const SEGMENT_BYTES = 1024 * 1024;
/** Frames that wait for a disk that refuses; beyond it new ones are refused at once and stay with their agents. */
const MOST_WAITING = 20_000;
/** A batch of so many is written at once, however long it might wait. */
const MOST_IN_BATCH = 2_000;
const RETRY_MS = 1_000;
/** A stream that has sent nothing for so many intervals is not waited for. */
const SILENT_INTERVALS = 2.5;
/** A document is its payload in base64 with a few fields. */
const TEXT_RATIO = 4 / 3;

/** When a stream sent last (monotonic ms), and how often it does. */
interface Sender {
  lastAt: number;
  intervalMs: number;
}

export interface LaneLogOptions {
  log: CommitLog;
  /** Number of the next commit. */
  next: number;
  /** Called when a batch is durable, before those who wait for it. */
  onDurable: (batch: { frames: readonly LoggedFrame[]; skips: readonly SkipEntry[]; number: number }) => void;
  onFailure: (error: unknown) => void;
  pace?: Pace;
}

/**
 * Group commit: frames wait for each other a little and go into the log as one document with one sync. After a failure the
 * same batch is written again under the same number with the same frames, so that a half-written one never counts twice.
 */
export class LaneLog {
  readonly #options: LaneLogOptions;
  readonly #pace: Pace;
  /** Number of the first batch that is not durable. */
  #next: number;
  /** Batches that take no more frames, oldest first; the first one is being written or waits to be tried again. */
  readonly #closed: Batch[] = [];
  #open = emptyBatch();
  #writing: Promise<void> | undefined;
  #cancel: () => void = () => undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #waiting = 0;
  readonly #senders = new Map<string, Sender>();
  #lastError: unknown;
  /** Sources that this segment knows, by how often they were written: twice, so that one damaged commit costs only itself. */
  #known = new Map<Source, number>();
  #epoch = 0;
  #segmentBytes = 0;
  #nextIx = 1;
  #isClosed = false;

  constructor(options: LaneLogOptions) {
    this.#options = options;
    this.#pace = options.pace ?? realPace;
    this.#next = options.next;
  }

  /** Number that the commit of a frame added now will have. */
  get openNumber(): number {
    return this.#next + this.#closed.length;
  }

  /** Number of the newest commit that is durable. */
  get lastNumber(): number {
    return this.#next - 1;
  }

  /** Fails when the disk has refused for so long that no more can be held. */
  checkRoom(): void {
    if (this.#isClosed) throw new StorageError('History takes no more frames', new Error('it is closed'));
    if (this.#waiting >= MOST_WAITING) throw new StorageError('History takes no more frames', this.#lastError);
  }

  newIx(): number {
    return this.#nextIx++;
  }

  /**
   * Adds a frame to the open batch; resolves when it is durable. The batch is written after `waitMs` at the latest, and at
   * once when every stream whose frame is due meanwhile has sent it: nobody else is to be waited for. One that is held waits
   * all the time, to be written together with those that follow it.
   */
  addFrame(frame: LoggedFrame, waitMs: number, isHeld = false): Promise<void> {
    const { stream, intervalMs } = frame.source;
    const now = this.#pace.now();
    const batch = this.#open;
    batch.awaited ??= this.#dueBefore(now, now + waitMs);
    batch.awaited.delete(stream);
    this.#senders.set(stream, { lastAt: now, intervalMs });
    batch.frames.push(frame);
    this.#waiting += 1;
    const isComplete = batch.awaited.size === 0 && !isHeld;
    return this.#join(isComplete || batch.frames.length >= MOST_IN_BATCH ? 0 : waitMs);
  }

  addSkip(skip: SkipEntry, waitMs: number): Promise<void> {
    this.#open.skips.push(skip);
    return this.#join(waitMs);
  }

  /** What was added so far has numbers up to the answer, what comes later has higher ones. */
  cut(): number {
    if (this.#open.frames.length > 0 || this.#open.skips.length > 0) {
      this.#closed.push(this.#open);
      this.#open = emptyBatch();
    }
    return this.openNumber - 1;
  }

  /** Writes everything that was added up to now; resolves when it is durable. */
  async flush(): Promise<void> {
    const through = this.cut();
    while (this.#next <= through) await this.#write();
  }

  /** Lets go of commits up to `number`, whole segments only; the open one too when it holds nothing else. */
  async dropThrough(number: number): Promise<void> {
    if (!this.#writing && this.#known.size > 0 && this.#next - 1 <= number) await this.#newSegment();
    await this.#options.log.dropThrough(number);
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.#isClosed = true;
      this.#cancel();
    }
  }

  #dueBefore(now: number, until: number): Set<string> {
    const due = new Set<string>();
    for (const [stream, { lastAt, intervalMs }] of this.#senders) {
      if (now - lastAt > SILENT_INTERVALS * intervalMs) this.#senders.delete(stream);
      else if (lastAt + intervalMs <= until) due.add(stream);
    }
    return due;
  }

  #join(waitMs: number): Promise<void> {
    const batch = this.#open;
    batch.dueAt = Math.min(batch.dueAt, this.#pace.now() + waitMs);
    this.#arm(batch.dueAt);
    return batch.outcome;
  }

  #arm(dueAt: number): void {
    if (this.#isClosed || this.#writing || dueAt >= this.#timerAt) return;
    this.#cancel();
    this.#timerAt = dueAt;
    const waitMs = Math.max(0, dueAt - this.#pace.now());
    this.#cancel = this.#pace.after(waitMs, () => void this.#write().catch(() => undefined));
  }

  #write(): Promise<void> {
    this.#cancel();
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#writing ??= this.#writeFirst().finally(() => {
      this.#writing = undefined;
      const [waiting] = this.#closed;
      this.#arm(waiting ? waiting.dueAt : this.#open.dueAt);
    });
    return this.#writing;
  }

  async #writeFirst(): Promise<void> {
    if (this.#closed.length === 0) this.cut();
    const [batch] = this.#closed;
    if (!batch) return;
    const number = this.#next;
    try {
      await this.#append(number, batch);
    } catch (error) {
      this.#giveUp(error);
      throw error;
    }
    this.#closed.shift();
    this.#next = number + 1;
    this.#waiting -= batch.frames.length;
    this.#options.onDurable({ ...batch, number });
    batch.resolve();
    if (this.#segmentBytes > SEGMENT_BYTES) await this.#newSegment();
  }

  async #append(number: number, { frames, skips }: Batch): Promise<void> {
    if (this.#known.size === 0) this.#epoch = number;
    const payload = encodeCommit({ epoch: this.#epoch, declared: this.#declare(frames), skips, frames });
    await this.#options.log.append({ number, payload });
    this.#segmentBytes += payload.length * TEXT_RATIO;
  }

  async #newSegment(): Promise<void> {
    this.#known = new Map();
    this.#segmentBytes = 0;
    await this.#options.log.rotate().catch(this.#options.onFailure);
  }

  #declare(frames: readonly LoggedFrame[]): Source[] {
    const declared: Source[] = [];
    for (const source of new Set(frames.map((frame) => frame.source))) {
      const times = this.#known.get(source) ?? 0;
      this.#known.set(source, times + 1);
      if (times < 2) declared.push(source);
    }
    return declared;
  }

  /** Everybody who waits is told, also those behind the batch that failed: it will be the first one again. */
  #giveUp(error: unknown): void {
    this.#lastError = error;
    this.#known = new Map();
    this.#segmentBytes = 0;
    this.#options.onFailure(error);
    const dueAt = this.#pace.now() + RETRY_MS;
    for (const batch of [...this.#closed, this.#open]) {
      const { reject } = batch;
      Object.assign(batch, newOutcome(), { dueAt: Math.max(batch.dueAt, dueAt) });
      reject(error);
    }
  }
}
