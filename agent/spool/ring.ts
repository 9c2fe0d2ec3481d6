import { lstatSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentLog } from '../log.ts';
import { makeFolder } from '../make-folder.ts';
import { type Decoded, decodeSegment } from './segment.ts';

/** A file with frames of one stream, in order. */
export interface Segment {
  no: number;
  stream: string;
  firstSeq: number;
  /** Last whole frame; of a file from an earlier run only known when it was read. */
  lastSeq: number;
  bytes: number;
  path: string;
}

export interface RingOptions {
  dir: string;
  /** All files together; the oldest goes when a new one needs its place. */
  mostBytes: number;
  log: AgentLog;
}

export interface Batch {
  stream: string;
  firstSeq: number;
  lastSeq: number;
  /** Frames, and the note in front of them that they need when they stand in a file of their own. */
  records: readonly Buffer[];
  note: Buffer;
  /** The note has changed since the last batch. */
  isNoteNew: boolean;
}

const SEGMENT_BYTES = 1024 * 1024;
const NAME = /^(\d{10})\.([\w-]{8,64})\.(\d{1,15})\.frames$/;
/** Nothing that this program wrote is as large. */
const LARGEST_FILE = 16 * 1024 * 1024;
const ASIDE = 'aside';

/** Files of frames in one folder, of bounded size together. Written in batches with fdatasync, read one file at a time. */
export class Ring {
  readonly #options: RingOptions;
  readonly #segmentBytes: number;
  #segments: Segment[] = [];
  /** Frames are being added to it: it stays. */
  #busy: Segment | undefined;
  #lastNo = 0;

  /** Opens the folder. Throws when it cannot be made or read; files that are not ours are set aside. */
  constructor(options: RingOptions) {
    this.#options = options;
    this.#segmentBytes = Math.min(SEGMENT_BYTES, Math.floor(options.mostBytes / 8));
    makeFolder(options.dir);
    for (const name of readdirSync(options.dir).sort()) {
      if (name === ASIDE) continue;
      const segment = segmentOf(options.dir, name);
      if (segment) this.#segments.push(segment);
      else this.#setAside(name);
    }
    this.#lastNo = Math.max(0, ...this.#segments.map(({ no }) => no));
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Streams in the order in which they began. */
  get streams(): string[] {
    return [...new Set(this.#segments.map(({ stream }) => stream))];
  }

  of(stream: string): Segment[] {
    return this.#segments.filter((segment) => segment.stream === stream);
  }

  /** What is whole in a segment; nothing when it cannot be read. */
  read(segment: Segment): Decoded {
    try {
      return decodeSegment(readFileSync(segment.path), segment);
    } catch (error) {
      this.#options.log.warn({ file: segment.path, reason: String(error) }, 'a spool file cannot be read');
      return { frames: [], note: undefined, damagedFrom: [segment.firstSeq] };
    }
  }

  /** Adds frames behind those of their stream, safe on disk when it resolves. Rejects when the disk does not take them. One at a time. */
  async append(batch: Batch): Promise<void> {
    const last = this.#segments.at(-1);
    const isBehind = last?.stream === batch.stream && last.lastSeq + 1 === batch.firstSeq;
    const isNew = !isBehind || last.bytes >= this.#segmentBytes;
    const segment = isNew ? this.#begin(batch) : last;
    const bytes = Buffer.concat([...(isNew || batch.isNoteNew ? [batch.note] : []), ...batch.records]);
    this.#busy = segment;
    this.#makeRoom(bytes.length);
    try {
      await write(segment, bytes);
      if (isNew) {
        this.#segments.push(segment);
        await syncFolder(this.#options.dir);
      }
      segment.bytes += bytes.length;
      segment.lastSeq = batch.lastSeq;
    } finally {
      this.#busy = undefined;
    }
  }

  /** Takes a segment away for good; one that is just written to stays until it is asked for again. */
  remove(segment: Segment): void {
    if (segment === this.#busy) return;
    this.#segments = this.#segments.filter((each) => each !== segment);
    try {
      rmSync(segment.path, { force: true });
    } catch (error) {
      this.#options.log.warn({ file: segment.path, reason: String(error) }, 'a spool file cannot be removed');
    }
  }

  #begin({ stream, firstSeq }: Batch): Segment {
    const no = ++this.#lastNo;
    const path = join(this.#options.dir, `${String(no).padStart(10, '0')}.${stream}.${firstSeq}.frames`);
    return { no, stream, firstSeq, lastSeq: firstSeq - 1, bytes: 0, path };
  }

  #makeRoom(forBytes: number): void {
    const { mostBytes } = this.#options;
    while (this.bytes + forBytes > mostBytes) {
      const oldest = this.#segments.find((each) => each !== this.#busy);
      if (!oldest) return;
      this.remove(oldest);
    }
  }

  #setAside(name: string): void {
    const { dir, log } = this.#options;
    try {
      makeFolder(join(dir, ASIDE));
      renameSync(join(dir, name), join(dir, ASIDE, name));
      log.warn({ file: name }, 'a file in the spool folder is not ours; it was set aside');
    } catch (error) {
      log.warn({ file: name, reason: String(error) }, 'a file in the spool folder is not ours');
    }
  }
}

/** The segment that a name stands for; undefined for what this program did not write. */
export function segmentOf(dir: string, name: string): Segment | undefined {
  const [, no, stream, firstSeq] = NAME.exec(name) ?? [];
  if (no === undefined || stream === undefined) return undefined;
  const path = join(dir, name);
  try {
    const { size } = lstatSync(path);
    if (!lstatSync(path).isFile() || size > LARGEST_FILE || Number(firstSeq) < 1) return undefined;
    return { no: Number(no), stream, firstSeq: Number(firstSeq), lastSeq: Number(firstSeq) - 1, bytes: size, path };
  } catch {
    return undefined;
  }
}

/** All or nothing as far as the disk allows; what stays of a failed write is found damaged later and passed over. */
async function write({ path, bytes: from }: Segment, bytes: Buffer): Promise<void> {
  const file = await open(path, from === 0 ? 'wx' : 'r+', 0o600);
  try {
    await writeAt(file, bytes, from);
    await file.datasync();
  } catch (error) {
    await file.truncate(from).catch(() => undefined);
    if (from === 0) rmSync(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function writeAt(file: FileHandle, bytes: Buffer, from: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, from + written);
    written += bytesWritten;
  }
}

/** So that the name of a new file survives a power cut. Windows has no such call. */
async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
