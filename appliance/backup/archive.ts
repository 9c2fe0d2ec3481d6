import { createHash, type Hash } from 'node:crypto';
import type { z } from 'zod';
import type { ByteReader } from './byte-reader.ts';
import { damaged, endLine, entryHead, entryTail } from './format.ts';

/** One file that goes into a backup. `bytes` says how much of it. */
export interface Entry {
  /** From the data directory, with slashes. */
  path: string;
  bytes: number;
  pieces(): AsyncIterable<Uint8Array>;
}

/** Where the files of a backup go. */
export interface Sink {
  /** Takes one file; called again only when it has resolved. */
  file(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

/** The only places that a backup writes to: nothing of it can leave the folder, or replace what is not data. */
const PLACES =
  /^(?:(?:appliance|certificates|clock|format|collections|secrets|data-key)\.json|self-agent\/agent\.json|docs\/[a-z][a-z0-9-]{0,40}\.db|history\/(?:[A-Za-z0-9@_+-][A-Za-z0-9.@_+-]*\/)*[A-Za-z0-9@_+-][A-Za-z0-9.@_+-]*)$/;

const line = (value: object): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

/** The body of a backup: file after file, each with its digest, and a line that tells that this was all. */
export async function* pack(header: Uint8Array, entries: Iterable<Entry>): AsyncGenerator<Uint8Array> {
  const whole = createHash('sha256').update(header);
  let count = 0;
  for (const entry of entries) {
    for await (const piece of packOne(entry)) {
      whole.update(piece);
      yield piece;
    }
    count++;
  }
  yield line({ end: true, entries: count, sha256: whole.digest('hex') });
}

async function* packOne({ path, bytes, pieces }: Entry): AsyncGenerator<Uint8Array> {
  if (!PLACES.test(path)) throw new Error(`${path} has no place in a backup`);
  yield line({ path, bytes });
  const own = createHash('sha256');
  let left = bytes;
  for await (const piece of pieces()) {
    own.update(piece);
    left -= piece.length;
    yield piece;
  }
  if (left !== 0) throw new Error(`${path} changed its length while it was read`);
  yield line({ sha256: own.digest('hex') });
}

/** Reads a body and hands each file to `sink`. Fails with `BackupError` unless everything is there and unchanged. */
export async function unpack(header: Uint8Array, reader: ByteReader, sink: Sink): Promise<{ entries: number }> {
  const whole = createHash('sha256').update(header);
  const seen = new Set<string>();
  for (;;) {
    const text = await reader.line();
    if (!text) throw damaged('its end is missing');
    const json = parsed(text);
    const end = endLine.safeParse(json);
    if (end.success) {
      const isWhole = end.data.entries === seen.size && end.data.sha256 === whole.digest('hex');
      if (!isWhole) throw damaged('not all of it is there');
      if (await reader.line()) throw damaged('something was added to it');
      return { entries: seen.size };
    }
    whole.update(text);
    const { path, bytes } = fitting(entryHead, json);
    if (!PLACES.test(path) || seen.has(path)) throw damaged(`it holds a file that has no place in it`);
    seen.add(path);
    await unpackOne({ path, bytes }, { reader, sink, whole });
  }
}

interface Unpacking {
  reader: ByteReader;
  sink: Sink;
  whole: Hash;
}

async function unpackOne(entry: { path: string; bytes: number }, { reader, sink, whole }: Unpacking): Promise<void> {
  const own = createHash('sha256');
  const hashed = async function* () {
    for await (const piece of reader.bytes(entry.bytes)) {
      own.update(piece);
      whole.update(piece);
      yield piece;
    }
  };
  await sink.file(entry.path, hashed());
  const text = await reader.line();
  if (!text) throw damaged('its end is missing');
  whole.update(text);
  if (fitting(entryTail, parsed(text)).sha256 !== own.digest('hex')) throw damaged(`${entry.path} was changed`);
}

function fitting<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (!result.success) throw damaged('a line in it was changed');
  return result.data;
}

function parsed(text: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(text).toString('utf8'));
  } catch {
    throw damaged('a line in it was changed');
  }
}
