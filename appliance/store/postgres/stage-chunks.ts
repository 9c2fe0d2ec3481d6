import { crc32 } from 'node:zlib';
import type { CatalogueEntry } from '../catalogue.ts';
import type { Chunk, Partition } from '../history-engine.ts';
import { writeBody } from './chunk-body.ts';
import type { Query } from './database.ts';

/** So much of a partition is in memory at once, and held up on the way there by other writes no longer than this takes. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_CHUNKS = 64;

interface Staged extends CatalogueEntry {
  body: Buffer;
}

/** Writes a partition that is not placed yet, batch after batch; answers with what lies in it. Fails with `StorageError`. */
export async function stageChunks(
  write: Query,
  { id, tier, lane, from, spanMs, through, isWhole = false }: Omit<Partition, 'bytes'>,
  chunks: AsyncIterable<Chunk>,
): Promise<CatalogueEntry[]> {
  const key = [id, tier, lane, from, spanMs, through, isWhole];
  await write('insert into reeve.partitions values ($1, $2, $3, $4, $5, $6, $7, false)', key);
  const entries: CatalogueEntry[] = [];
  let batch: Staged[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    const { hostId, from, to, rows, intervalMs } = chunk;
    const body = writeBody(chunk);
    const entry = { hostId, from, to, rows, intervalMs, offset: entries.length, length: body.length };
    entries.push(entry);
    batch.push({ ...entry, body });
    bytes += body.length;
    if (bytes < BATCH_BYTES && batch.length < BATCH_CHUNKS) continue;
    await insert(write, id, batch);
    batch = [];
    bytes = 0;
  }
  await insert(write, id, batch);
  return entries;
}

async function insert(write: Query, partition: string, batch: readonly Staged[]): Promise<void> {
  if (batch.length === 0) return;
  const values: unknown[] = [partition];
  const rows = batch.map(({ hostId, from, to, rows, intervalMs, offset, body }) => {
    const first = values.push(offset, hostId, from, to, rows, intervalMs, body, crc32(body)) - 7;
    return `($1, ${Array.from({ length: 8 }, (_, at) => `$${first + at}`).join(', ')})`;
  });
  await write(`insert into reeve.chunks values ${rows.join(', ')}`, values);
}
