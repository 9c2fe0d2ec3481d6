import type { ChunkRef, ChunkStore, Partition, StoredChunk } from '../../store/history-engine.ts';
import { decodeColumn } from '../codec/column.ts';
import { rowsOfChunk } from '../head/rows.ts';
import { type AnySet, rolledOfChunk } from '../tiers/rolled-set.ts';
import { stepOf } from '../tiers/tiers.ts';

/** A dashboard asks again and again for nearly the same; the columns of a month of fifty hosts are about this many bytes. */
const MOST_BYTES = 6 * 1024 * 1024;
/** Values that were read last, for the same reason: a day of one series of fifty hosts is a quarter of it. */
const MOST_VALUES = 300_000;

interface Kept extends Pick<StoredChunk, 'hostId' | 'from' | 'to' | 'rows' | 'intervalMs' | 'seriesIds' | 'late'> {
  times: Uint8Array;
  columns: Map<number, Uint8Array>;
  bytes: number;
}

/** Values of columns as they were decoded, found by the bytes they were decoded from. */
class ReadyValues {
  readonly #ready = new Map<Uint8Array, Float64Array>();
  #values = 0;

  read(column: Uint8Array, rows: number, out: Float64Array): void {
    const known = this.#ready.get(column);
    if (known) {
      this.#ready.delete(column);
      this.#ready.set(column, known);
      out.set(known);
      return;
    }
    decodeColumn(column, rows, out);
    this.#ready.set(column, out.slice(0, rows));
    this.#values += rows;
    for (const [oldest, { length }] of this.#ready) {
      if (this.#values <= MOST_VALUES) return;
      this.#ready.delete(oldest);
      this.#values -= length;
    }
  }

  clear(): void {
    this.#ready.clear();
    this.#values = 0;
  }
}

/** Chunks whose columns, still encoded, stay in memory for a while; those not used for longest go first. */
export class CachedChunks {
  readonly #chunks: ChunkStore;
  readonly #kept = new Map<string, Kept>();
  readonly #ready = new ReadyValues();
  #bytes = 0;

  constructor(chunks: ChunkStore) {
    this.#chunks = chunks;
  }

  find(search: Parameters<ChunkStore['find']>[0]): readonly ChunkRef[] {
    return this.#chunks.find(search);
  }

  partitions(): readonly Partition[] {
    return this.#chunks.partitions();
  }

  /** Rows with the columns of the wanted series; undefined when the chunk is damaged or no longer there. */
  async load(ref: ChunkRef, wanted: ReadonlySet<number>): Promise<AnySet | undefined> {
    const key = `${ref.partition.id}/${ref.hostId}`;
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    if (known?.seriesIds.every((id) => !wanted.has(id) || known.columns.has(id))) {
      this.#kept.set(key, known);
      return this.#setOf(ref, known);
    }
    if (known) this.#bytes -= known.bytes;
    const chunk = await this.#chunks.read(ref);
    if (!chunk) return undefined;
    const kept = take(chunk, wanted, known?.columns);
    this.#keep(key, kept);
    return this.#setOf(ref, kept);
  }

  clear(): void {
    this.#kept.clear();
    this.#ready.clear();
    this.#bytes = 0;
  }

  #setOf(ref: ChunkRef, kept: Kept): AnySet {
    const columns = [...kept.columns.values()];
    const none = new Uint8Array();
    const chunk: StoredChunk = {
      ...kept,
      seriesIds: [...kept.columns.keys()],
      names: () => none,
      times: () => kept.times,
      column: (at) => columns[at] ?? none,
    };
    const { tier } = ref.partition;
    if (tier !== 'raw') return rolledOfChunk(chunk, stepOf(tier));
    const readColumn = (at: number, out: Float64Array) => this.#ready.read(chunk.column(at), kept.rows, out);
    return { ...rowsOfChunk(chunk), readColumn };
  }

  #keep(key: string, kept: Kept): void {
    // Two queries may have read the same chunk.
    this.#bytes += kept.bytes - (this.#kept.get(key)?.bytes ?? 0);
    this.#kept.set(key, kept);
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}

const ROUGH_OVERHEAD = 500;

function take(chunk: StoredChunk, wanted: ReadonlySet<number>, before = new Map<number, Uint8Array>()): Kept {
  const { hostId, from, to, rows, intervalMs, seriesIds, late } = chunk;
  const columns = new Map(before);
  for (const [at, id] of seriesIds.entries()) if (wanted.has(id) && !columns.has(id)) columns.set(id, chunk.column(at));
  const times = chunk.times();
  let bytes = times.length + ROUGH_OVERHEAD + seriesIds.length * 8;
  for (const column of columns.values()) bytes += column.length + ROUGH_OVERHEAD / 5;
  return { hostId, from, to, rows, intervalMs, seriesIds, late, times, columns, bytes };
}
