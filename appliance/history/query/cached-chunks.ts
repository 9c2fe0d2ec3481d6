import type { ChunkRef, ChunkStore, Partition, StoredChunk } from '../../store/history-engine.ts';
import { rowsOfChunk } from '../head/rows.ts';
import { type AnySet, rolledOfChunk } from '../tiers/rolled-set.ts';
import { stepOf } from '../tiers/tiers.ts';

/** A dashboard asks again and again for nearly the same; the columns of a month of fifty hosts are about this many bytes. */
const MOST_BYTES = 6 * 1024 * 1024;

interface Kept extends Pick<StoredChunk, 'hostId' | 'from' | 'to' | 'rows' | 'intervalMs' | 'seriesIds' | 'late'> {
  times: Uint8Array;
  columns: Map<number, Uint8Array>;
  bytes: number;
}

/** Chunks whose columns, still encoded, stay in memory for a while; those not used for longest go first. */
export class CachedChunks {
  readonly #chunks: ChunkStore;
  readonly #kept = new Map<string, Kept>();
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
      return setOf(ref, known);
    }
    if (known) this.#bytes -= known.bytes;
    const chunk = await this.#chunks.read(ref);
    if (!chunk) return undefined;
    const kept = take(chunk, wanted, known?.columns);
    this.#keep(key, kept);
    return setOf(ref, kept);
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
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

function setOf(ref: ChunkRef, kept: Kept): AnySet {
  const columns = [...kept.columns.values()];
  const chunk: StoredChunk = {
    ...kept,
    seriesIds: [...kept.columns.keys()],
    names: () => new Uint8Array(),
    times: () => kept.times,
    column: (at) => columns[at] ?? new Uint8Array(),
  };
  const { tier } = ref.partition;
  return tier === 'raw' ? rowsOfChunk(chunk) : rolledOfChunk(chunk, stepOf(tier));
}
