import type { Chunk, Span, StoredChunk } from '../history-engine.ts';

const VERSION = 1;
/** Version in the first byte, length of the head in the next four. */
const PREFIX = 5;

/** What comes before the bytes of a chunk, as JSON. */
interface Head {
  h: string;
  f: number;
  t: number;
  n: number;
  i: number;
  /** Late stretches, flat. */
  b: number[];
  s: number[];
  /** Lengths of names, times and columns, which follow in this order. */
  l: number[];
}

/** A chunk as one run of bytes that can be understood without any table. */
export function writeBody({ hostId, from, to, rows, intervalMs, late, seriesIds, ...bytes }: Chunk): Buffer {
  const parts = [bytes.names, bytes.times, ...bytes.columns];
  const written: Head = {
    ...{ h: hostId, f: from, t: to, n: rows, i: intervalMs },
    ...{ b: late.flat(), s: [...seriesIds], l: parts.map(({ length }) => length) },
  };
  const head = Buffer.from(JSON.stringify(written));
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt8(VERSION, 0);
  prefix.writeUInt32LE(head.length, 1);
  return Buffer.concat([prefix, head, ...parts]);
}

/**
 * The chunk of a body that a checksum has proven to be Reeve's; undefined when it is of another version. Columns are copied out, so
 * that one that is kept does not keep the whole body.
 */
export function readBody(body: Buffer): StoredChunk | undefined {
  if (body.length < PREFIX || body.readUInt8(0) !== VERSION) return undefined;
  const end = PREFIX + body.readUInt32LE(1);
  const { h, f, t, n, i, b, s, l } = JSON.parse(body.toString('utf8', PREFIX, end)) as Head;
  const ends: number[] = [];
  for (const length of l) ends.push((ends.at(-1) ?? end) + length);
  const part = (at: number): Uint8Array => Buffer.from(body.subarray(ends[at - 1] ?? end, ends[at] ?? end));
  return {
    hostId: h,
    from: f,
    to: t,
    rows: n,
    intervalMs: i,
    seriesIds: s,
    late: b.flatMap((from, at): Span[] => (at % 2 === 0 ? [[from, b[at + 1] ?? from]] : [])),
    names: () => part(0),
    times: () => part(1),
    column: (at) => part(at + 2),
  };
}
