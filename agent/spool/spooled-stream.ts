import type { Ack, Skip } from '../../protocol/agent-link.ts';
import type { Frame } from '../../protocol/frames.ts';
import type { Outbox, Outgoing } from '../outbox.ts';
import type { Ring, Segment } from './ring.ts';
import type { Decoded } from './segment.ts';

export interface SpooledStreamOptions {
  stream: string;
  /** Numbers in all frames in memory together, of 8 bytes each: memory is what has to be bounded, not the count of frames. */
  mostNumbers?: number;
}

/** 4 MB: more than 8 hours of 40 values at 5 s. */
const MOST_NUMBERS = 500_000;

/** The frames of one stream that the appliance does not have yet: the older ones on disk, if any, the newer ones in memory. */
export class SpooledStream implements Outbox {
  readonly stream: string;
  readonly #mostNumbers: number;
  #ring: Ring | undefined;
  /** In order without holes, up to the last. */
  #memory: Frame[] = [];
  #numbers = 0;
  #lastSeq = 0;
  /** Highest that the appliance ever acknowledged; where it has less now, it has lost it. */
  #confirmedSeq = 0;
  /** What it has now, by its last word. */
  #toldSeq = 0;
  /** Last that was handed on. */
  #cursor = 0;
  #read: { segment: Segment; bytes: number; decoded: Decoded } | undefined;
  readonly #damagedFrom = new Set<number>();

  constructor({ stream, mostNumbers = MOST_NUMBERS }: SpooledStreamOptions) {
    this.stream = stream;
    this.#mostNumbers = mostNumbers;
  }

  /** A stream of an earlier run, as its last file tells; `ackedSeq` is what it knew to be safe. */
  static left({ stream, ring, ackedSeq }: { stream: string; ring: Ring; ackedSeq: number }): SpooledStream {
    const left = new SpooledStream({ stream });
    left.#ring = ring;
    left.#confirmedSeq = ackedSeq;
    const last = ring.of(stream).at(-1);
    // That its first frame was there is known from its name, even when nothing in it is whole.
    if (last) left.#lastSeq = left.#framesOf(last).at(-1)?.seq ?? last.firstSeq;
    left.#read = undefined;
    return left;
  }

  /** From now on there is a disk. */
  attach(ring: Ring): void {
    this.#ring = ring;
  }

  get size(): number {
    const onDisk = this.#segments().map(
      ({ firstSeq, lastSeq }) => lastSeq - Math.max(firstSeq - 1, this.#confirmedSeq),
    );
    return onDisk.reduce((sum, count) => sum + Math.max(0, count), this.#memory.length);
  }

  /** The appliance has everything, or knows what is lost. */
  get isDelivered(): boolean {
    return this.#toldSeq >= this.#lastSeq;
  }

  get isOnDisk(): boolean {
    return this.#segments().length > 0;
  }

  get confirmedSeq(): number {
    return this.#confirmedSeq;
  }

  /** Frames that are nowhere but in memory. */
  get inMemory(): readonly Frame[] {
    return this.#memory;
  }

  /** Memory is more than half full. */
  get isPressed(): boolean {
    return this.#numbers > this.#mostNumbers / 2;
  }

  add({ at, mono, values }: { at: number; mono: number; values: (number | null)[] }): void {
    this.#memory.push({ stream: this.stream, seq: ++this.#lastSeq, at, mono, values });
    this.#numbers += values.length;
    while (this.#numbers > this.#mostNumbers && this.#memory.length > 1) this.#forgetMemory(this.#firstInMemory);
  }

  /** Frames up to `seq` are on disk. */
  written(seq: number): void {
    this.#forgetMemory(seq);
    this.#forgetSegments();
  }

  next(most: { frames: number; numbers: number }): Outgoing | undefined {
    const fromSeq = this.#cursor + 1;
    const frames = this.#from(fromSeq, most);
    const firstSeq = frames[0]?.seq ?? this.#lastSeq + 1;
    if (firstSeq > fromSeq) {
      const skip = this.#gap(fromSeq, firstSeq - 1);
      this.#cursor = skip.toSeq;
      return { kind: 'skip', skip };
    }
    if (frames.length === 0) return undefined;
    this.#cursor += frames.length;
    return { kind: 'frames', frames };
  }

  confirm({ stream, ackedSeq }: Ack): void {
    if (stream !== this.stream) return;
    this.#toldSeq = Math.max(this.#toldSeq, ackedSeq);
    this.#confirmedSeq = Math.max(this.#confirmedSeq, Math.min(ackedSeq, this.#lastSeq));
    this.#cursor = Math.max(this.#cursor, ackedSeq);
    this.#forgetMemory(ackedSeq);
    this.#forgetSegments();
  }

  resume({ stream, ackedSeq }: Ack): void {
    if (stream !== this.stream) return;
    // It has more than is left here, of a stream whose end did not reach the disk: go on behind it, else nothing is accepted.
    this.#lastSeq = Math.max(this.#lastSeq, ackedSeq);
    this.confirm({ stream, ackedSeq });
    this.#toldSeq = ackedSeq;
    this.#cursor = ackedSeq;
  }

  get #firstInMemory(): number {
    return this.#lastSeq - this.#memory.length + 1;
  }

  #segments(): readonly Segment[] {
    return this.#ring?.of(this.stream) ?? [];
  }

  /** Frames in a row, at or behind `seq`; those of one file or of memory at a time. */
  #from(seq: number, most: { frames: number; numbers: number }): Frame[] {
    const segments = this.#segments();
    for (const [i, segment] of segments.entries()) {
      const endsBefore = segments[i + 1]?.firstSeq ?? this.#firstInMemory;
      if (endsBefore <= seq) continue;
      const frames = this.#framesOf(segment);
      const start = frames.findIndex((frame) => frame.seq >= seq);
      if (start >= 0) return inRow(frames, start, most);
    }
    this.#read = undefined;
    return inRow(this.#memory, Math.max(0, seq - this.#firstInMemory), most);
  }

  #framesOf(segment: Segment): readonly Frame[] {
    if (this.#read?.segment === segment && this.#read.bytes === segment.bytes) return this.#read.decoded.frames;
    const decoded = this.#ring?.read(segment) ?? { frames: [], note: undefined, damagedFrom: [] };
    for (const seq of decoded.damagedFrom) this.#damagedFrom.add(seq);
    segment.lastSeq = Math.max(segment.lastSeq, decoded.frames.at(-1)?.seq ?? 0);
    this.#read = { segment, bytes: segment.bytes, decoded };
    return decoded.frames;
  }

  /** Why frames are no longer here: the appliance had them and lost them, they were damaged on disk, or there was no room. */
  #gap(fromSeq: number, toSeq: number): Skip {
    const wasConfirmed = fromSeq <= this.#confirmedSeq;
    const { stream } = this;
    if (wasConfirmed)
      return { stream, fromSeq, toSeq: Math.min(toSeq, this.#confirmedSeq), reason: 'appliance-restored' };
    return { stream, fromSeq, toSeq, reason: this.#damagedFrom.has(fromSeq) ? 'damaged' : 'overflow' };
  }

  #forgetMemory(upToSeq: number): void {
    const count = Math.min(this.#memory.length, upToSeq - this.#firstInMemory + 1);
    if (count <= 0) return;
    for (const { values } of this.#memory.splice(0, count)) this.#numbers -= values.length;
  }

  /** A file goes when the appliance has what is in it; of an unread one the next tells where it ends. */
  #forgetSegments(): void {
    const segments = this.#segments();
    for (const [i, segment] of segments.entries()) {
      const end = Math.max(segment.lastSeq, (segments[i + 1]?.firstSeq ?? 1) - 1);
      if (end <= this.#toldSeq) this.#ring?.remove(segment);
    }
  }
}

function inRow(frames: readonly Frame[], start: number, most: { frames: number; numbers: number }): Frame[] {
  const row: Frame[] = [];
  let numbers = 0;
  for (const frame of frames.slice(start, start + most.frames)) {
    const isInRow = row.length === 0 || frame.seq === (row.at(-1)?.seq ?? 0) + 1;
    numbers += frame.values.length;
    if (!isInRow || (numbers > most.numbers && row.length > 0)) break;
    row.push(frame);
  }
  return row;
}
