import type { Chunk, PartitionKey, StoredChunk } from '../history-engine.ts';
import type { Stored } from './inside.ts';

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** What a chunk's line says of its partition, so that a lost catalogue can be made again from the files. */
export type Origin = Pick<PartitionKey, 'from' | 'spanMs' | 'through' | 'isWhole'>;

/** Base64 has the best ratio of size to time of the text forms measured, and is safe in JSON (findings/history.md §3). */
export function toDocument(chunk: Chunk, { from, spanMs, through, isWhole = false }: Origin): Stored {
  return {
    _id: `${chunk.hostId}@${chunk.from}`,
    v: 1,
    p: [from, spanMs, through, isWhole ? 1 : 0],
    h: chunk.hostId,
    f: chunk.from,
    t: chunk.to,
    n: chunk.rows,
    i: chunk.intervalMs,
    ...(chunk.late.length > 0 && { b: chunk.late.flat() }),
    s: [...chunk.seriesIds],
    k: base64(chunk.names),
    x: base64(chunk.times),
    c: chunk.columns.map(base64),
  };
}

/** The checksum has proven that Reeve wrote the line, so that a version and two lists are all that is looked at. */
interface ChunkDocument {
  v: 1;
  p: [number, number, number, number];
  h: string;
  f: number;
  t: number;
  n: number;
  i: number;
  b?: number[];
  s: number[];
  k: string;
  x: string;
  c: string[];
}

const isChunk = (found: Record<string, unknown>): found is Record<string, unknown> & ChunkDocument =>
  found.v === 1 && Array.isArray(found.p) && Array.isArray(found.s) && Array.isArray(found.c);

/** The chunk of a line; undefined when it is something else. */
export function toChunk(found: Record<string, unknown>): (StoredChunk & { origin: Origin }) | undefined {
  if (!isChunk(found)) return undefined;
  const { p, h, f, t, n, i, b = [], s, k, x, c } = found;
  return {
    origin: { from: p[0], spanMs: p[1], through: p[2], isWhole: p[3] === 1 },
    hostId: h,
    from: f,
    to: t,
    rows: n,
    intervalMs: i,
    seriesIds: s,
    late: b.flatMap((from, at) => (at % 2 === 0 ? [[from, b[at + 1] ?? from] as const] : [])),
    names: () => Buffer.from(k, 'base64'),
    times: () => Buffer.from(x, 'base64'),
    column: (at) => Buffer.from(c[at] ?? '', 'base64'),
  };
}
