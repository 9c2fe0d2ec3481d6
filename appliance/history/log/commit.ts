import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { LiveSeries } from '../../../protocol/live.ts';
import { ByteReader, ByteWriter, DecodeError } from '../codec/bytes.ts';
import type { SkipEntry } from '../skips.ts';
import { readValues, writeValues } from './values.ts';

/** What the frames of one stream have in common. It is written once for each file of the log, under a short number. */
export interface Source {
  ix: number;
  hostId: string;
  stream: string;
  intervalMs: number;
  series: readonly LiveSeries[];
}

export interface LoggedFrame {
  source: Source;
  seq: number;
  at: number;
  offsetMs: number;
  late?: boolean;
  values: ArrayLike<number | null>;
}

export interface CommitContent {
  /** Number of the commit from which on sources are declared anew: their numbers count only within it. */
  epoch: number;
  declared: readonly Source[];
  skips: readonly SkipEntry[];
  frames: readonly LoggedFrame[];
}

const VERSION = 2;
/** The largest content that is believed: a damaged length must not eat the memory. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Most commits are smaller, and room for them need not be asked for: it is taken from Node's pool. */
const CHUNK_BYTES = 4_000;

/** One group commit as bytes, understood without any earlier one but for the sources that it names by number. */
export function encodeCommit({ epoch, declared, skips, frames }: CommitContent): Uint8Array {
  const out = new ByteWriter(16 * 1024);
  out.byte(VERSION);
  out.varint(epoch);
  out.varint(declared.length);
  for (const source of declared) writeSource(out, source);
  out.varint(skips.length);
  for (const skip of skips) writeSkip(out, skip);
  out.varint(frames.length);
  let previousAt = 0;
  for (const { source, seq, at, offsetMs, late = false, values } of frames) {
    out.varint(source.ix * 2 + (late ? 1 : 0));
    out.varint(seq);
    out.signed(at - previousAt);
    out.signed(Math.round(offsetMs));
    writeValues(out, values, source.series.length);
    previousAt = at;
  }
  return deflateRawSync(out.written(), { level: 3 });
}

export interface ReadCommit extends CommitContent {
  /** Frames whose source was declared in a commit that is lost. */
  nameless: number;
}

/** Sources that were read so far. */
export class KnownSources {
  /** By number, of each epoch. */
  readonly #epochs = new Map<number, Map<number, Source>>();
  /** As they were written last, by number: they are written anew in each epoch, and mostly nothing has changed. */
  readonly #written = new Map<number, { bytes: Uint8Array; source: Source }>();

  of(epoch: number): Map<number, Source> {
    const known = this.#epochs.get(epoch) ?? new Map<number, Source>();
    this.#epochs.set(epoch, known);
    return known;
  }

  /** The same object as before for what was written with the same bytes. */
  read(input: ByteReader): Source {
    const ix = input.varint();
    const before = this.#written.get(ix);
    if (before && input.skipIf(before.bytes)) return before.source;
    const begin = input.at;
    const source = readSource(input, ix);
    this.#written.set(ix, { bytes: input.from(begin).slice(), source });
    return source;
  }
}

/** Reads a commit; `known` holds the sources of earlier ones and takes up new ones. Fails when the bytes are not a commit. */
export function decodeCommit(payload: Uint8Array, known: KnownSources): ReadCommit {
  const input = new ByteReader(inflateRawSync(payload, { maxOutputLength: MOST_BYTES, chunkSize: CHUNK_BYTES }));
  if (input.byte() !== VERSION) throw new DecodeError('unknown version of a commit');
  const epoch = input.varint();
  const sources = known.of(epoch);
  const declared = listOf(input, () => known.read(input));
  for (const source of declared) sources.set(source.ix, source);
  const skips = listOf(input, () => readSkip(input));
  let at = 0;
  let nameless = 0;
  const frames: LoggedFrame[] = [];
  for (let left = input.varint(); left > 0; left--) {
    const named = input.varint();
    const source = sources.get(Math.floor(named / 2));
    const seq = input.varint();
    at += input.signed();
    const offsetMs = input.signed();
    const values = readValues(input);
    if (source && values.length === source.series.length)
      frames.push({ source, seq, at, offsetMs, late: named % 2 === 1, values });
    else nameless += 1;
  }
  return { epoch, declared, skips, frames, nameless };
}

function listOf<T>(input: ByteReader, read: () => T): T[] {
  const list: T[] = [];
  for (let left = input.varint(); left > 0; left--) list.push(read());
  return list;
}

function writeSource(out: ByteWriter, { ix, hostId, stream, intervalMs, series }: Source): void {
  out.varint(ix);
  out.string(hostId);
  out.string(stream);
  out.varint(Math.round(intervalMs));
  out.varint(series.length);
  for (const { id, metric, attributes } of series) {
    out.varint(id);
    out.string(metric);
    const named = Object.entries(attributes);
    out.varint(named.length);
    for (const [name, value] of named) {
      out.string(name);
      out.string(value);
    }
  }
}

function readSource(input: ByteReader, ix: number): Source {
  const hostId = input.string();
  const stream = input.string();
  const intervalMs = input.varint();
  const series = listOf(input, () => {
    const id = input.varint();
    const metric = input.string();
    const attributes = Object.fromEntries(listOf(input, () => [input.string(), input.string()] as const));
    return { id, metric, attributes };
  });
  return { ix, hostId, stream, intervalMs, series };
}

function writeSkip(out: ByteWriter, { hostId, stream, fromSeq, toSeq, reason, afterAt }: SkipEntry): void {
  out.string(hostId);
  out.string(stream);
  out.varint(fromSeq);
  out.varint(toSeq);
  out.string(reason);
  out.varint(afterAt);
}

function readSkip(input: ByteReader): SkipEntry {
  return {
    hostId: input.string(),
    stream: input.string(),
    fromSeq: input.varint(),
    toSeq: input.varint(),
    reason: input.string(),
    afterAt: input.varint(),
  };
}
