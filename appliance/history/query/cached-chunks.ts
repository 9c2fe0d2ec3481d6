import { Recent } from '../../recent.ts';
import type { ChunkRef, ChunkStore, StoredChunk } from '../../store/history-engine.ts';
import { decodeColumn } from '../codec/column.ts';
import { rowsOfChunk } from '../head/rows.ts';
import type { Means, Rolled } from '../tiers/rolled.ts';
import { type AnySet, rolledOfChunk } from '../tiers/rolled-set.ts';
import { stepOf } from '../tiers/tiers.ts';
import { Plans } from './plan.ts';

/** A dashboard asks again and again for nearly the same; the columns of a month of fifty hosts are about this many bytes. */
const MOST_BYTES = 6 * 1024 * 1024;
/** Values that were read last, for the same reason: one series of fifty hosts is 70,000 for a day and as many for a month. */
const MOST_VALUES = 600_000;
/** Columns of so few bytes are made anew as fast as they are copied: all values are the same, or all steps. */
const TRIVIAL_BYTES = 32;

interface Kept {
  /** All series of the chunk, and the columns of those that were asked for. */
  seriesIds: readonly number[];
  columns: ReadonlyMap<number, Uint8Array>;
  set: AnySet;
  bytes: number;
}

/** Values of columns as they were decoded, found by the bytes they were decoded from. */
class ReadyValues {
  readonly #ready = new Recent<Uint8Array, readonly Float64Array[]>(MOST_VALUES, sizeOf);

  /** What was kept; to be read only. */
  get(bytes: Uint8Array): readonly Float64Array[] | undefined {
    return bytes.length <= TRIVIAL_BYTES ? undefined : this.#ready.get(bytes);
  }

  /** Keeps the first `rows` of columns as what the bytes say. */
  keep(bytes: Uint8Array, rows: number, columns: readonly Float64Array[]): void {
    if (bytes.length <= TRIVIAL_BYTES) return;
    this.#ready.set(
      bytes,
      columns.map((each) => each.slice(0, rows)),
    );
  }

  clear(): void {
    this.#ready.clear();
  }
}

const sizeOf = (columns: readonly Float64Array[]): number => columns.reduce((sum, { length }) => sum + length, 0);

/** How a query gets at the rows of chunks. */
export interface ChunkReader {
  readonly plans: Plans;
  /** As `load`, when everything is in memory. */
  kept(ref: ChunkRef, wanted: ReadonlySet<number>): AnySet | undefined;
  /** Rows with the columns of the wanted series; undefined when the chunk is damaged or no longer there. */
  load(ref: ChunkRef, wanted: ReadonlySet<number>): Promise<AnySet | undefined>;
}

/** Chunks whose columns, still encoded, stay in memory for a while; those not used for longest go first. */
export class CachedChunks implements ChunkReader {
  readonly plans: Plans;
  readonly #chunks: ChunkStore;
  /** The store finds the same object again and again; where it does not, the chunk is read anew. */
  readonly #kept = new Recent<ChunkRef, Kept>(MOST_BYTES, ({ bytes }) => bytes);
  readonly #ready = new ReadyValues();

  constructor(chunks: ChunkStore) {
    this.plans = new Plans(chunks);
    this.#chunks = chunks;
  }

  kept(ref: ChunkRef, wanted: ReadonlySet<number>): AnySet | undefined {
    const known = this.#kept.get(ref);
    return known && hasAll(known, wanted) ? known.set : undefined;
  }

  async load(ref: ChunkRef, wanted: ReadonlySet<number>): Promise<AnySet | undefined> {
    const chunk = await this.#chunks.read(ref);
    if (!chunk) return undefined;
    const kept = this.#take(ref, chunk, { wanted, before: this.#kept.get(ref)?.columns });
    this.#kept.set(ref, kept);
    return kept.set;
  }

  clear(): void {
    this.#kept.clear();
    this.#ready.clear();
  }

  #take(ref: ChunkRef, chunk: StoredChunk, { wanted, before }: Taking): Kept {
    const { seriesIds } = chunk;
    const columns = new Map(before);
    for (const [at, id] of seriesIds.entries())
      if (wanted.has(id) && !columns.has(id)) columns.set(id, chunk.column(at));
    const times = chunk.times();
    let bytes = times.length + ROUGH_OVERHEAD + seriesIds.length * 8;
    for (const column of columns.values()) bytes += column.length + ROUGH_OVERHEAD / 5;
    return { seriesIds, columns, bytes, set: this.#setOf(ref, chunk, { columns, times }) };
  }

  #setOf(ref: ChunkRef, chunk: StoredChunk, { columns, times }: Pick<Kept, 'columns'> & { times: Uint8Array }): AnySet {
    const { hostId, from, to, rows, intervalMs, late } = chunk;
    const listed = [...columns.values()];
    const column = (at: number): Uint8Array => listed[at] ?? NONE;
    const ids = [...columns.keys()];
    const few: StoredChunk = {
      ...{ hostId, from, to, rows, intervalMs, late, seriesIds: ids },
      ...{ names: () => NONE, times: () => times, column },
    };
    const ready = this.#ready;
    const decoded = (bytes: Uint8Array, out: Float64Array) => {
      const [known] = ready.get(bytes) ?? [];
      if (known) return out.set(known);
      decodeColumn(bytes, rows, out);
      ready.keep(bytes, rows, [out]);
    };
    const readTimes = (out: Float64Array) => decoded(times, out);
    const { tier } = ref.partition;
    if (tier === 'raw')
      return {
        ...rowsOfChunk(few),
        readTimes,
        readColumn: (at: number, out: Float64Array) => decoded(column(at), out),
      };
    const set = rolledOfChunk(few, stepOf(tier));
    const means = (at: number, room: Rolled): Means => {
      const [main, count] = ready.get(column(at)) ?? [];
      if (main && count) return { main, count };
      const read = set.means(at, room);
      ready.keep(column(at), rows, [read.main, read.count]);
      return read;
    };
    return { ...set, readTimes, means };
  }
}

interface Taking {
  wanted: ReadonlySet<number>;
  before: ReadonlyMap<number, Uint8Array> | undefined;
}

const NONE = new Uint8Array();
const ROUGH_OVERHEAD = 500;

/** Whether every wanted column that the chunk has is in memory. */
function hasAll({ columns, seriesIds }: Kept, wanted: ReadonlySet<number>): boolean {
  for (const id of wanted) if (!columns.has(id)) return seriesIds.every((own) => !wanted.has(own) || columns.has(own));
  return true;
}
