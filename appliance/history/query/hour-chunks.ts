import { Recent } from '../../recent.ts';
import type { ChunkRef, ChunkStore, StoredChunk } from '../../store/history-engine.ts';
import { decodeColumn } from '../codec/column.ts';
import { emptyRolled, type Means, type Rolled } from '../tiers/rolled.ts';
import { type AnySet, type RolledSet, rolledOfChunk } from '../tiers/rolled-set.ts';
import { stepOf } from '../tiers/tiers.ts';
import type { CachedChunks, ChunkReader } from './cached-chunks.ts';

/** A year by the hour of one series of fifty hosts is 4.4 MB, and fits into the half that `Recent` is sure to keep. */
const MOST_BYTES = 10 * 1024 * 1024;
const MOST_COUNT = 0xffff;

/** What one series has in the hours of a chunk: NaN where the count is 0. */
interface Packed {
  means: Float64Array;
  counts: Uint16Array;
}

interface Kept {
  set: RolledSet;
  /** All series of the chunk, and those that were asked for. */
  seriesIds: ReadonlySet<number>;
  series: Map<number, Packed>;
  bytes: number;
}

/**
 * Reads for who asks again and again for the hours of a year: means and counts of sealed hours are kept as plain numbers, which takes a
 * sixth of reading and unpacking them. Sealed chunks never change, so that nothing that is kept can be out of date: what comes late is in
 * other chunks. Least and most are not kept. Everything but hours is read as others read it.
 */
export class HourChunks implements ChunkReader {
  readonly #others: CachedChunks;
  readonly #chunks: Pick<ChunkStore, 'read'>;
  readonly #kept = new Recent<ChunkRef, Kept>(MOST_BYTES, ({ bytes }) => bytes);

  constructor(chunks: Pick<ChunkStore, 'read'>, others: CachedChunks) {
    this.#chunks = chunks;
    this.#others = others;
  }

  get plans(): CachedChunks['plans'] {
    return this.#others.plans;
  }

  kept(ref: ChunkRef, wanted: ReadonlySet<number>): AnySet | undefined {
    if (!areHours(ref)) return this.#others.kept(ref, wanted);
    const known = this.#kept.get(ref);
    return known && hasAll(known, wanted) ? known.set : undefined;
  }

  async load(ref: ChunkRef, wanted: ReadonlySet<number>): Promise<AnySet | undefined> {
    if (!areHours(ref)) return this.#others.load(ref, wanted);
    const chunk = await this.#chunks.read(ref);
    if (!chunk) return undefined;
    const made = keptOf(chunk, { stepMs: stepOf(ref.partition.tier), wanted, before: this.#kept.get(ref)?.series });
    // A count that is too large for what is kept is only met where rows are 55 ms apart.
    if (!made) return this.#others.load(ref, wanted);
    this.#kept.set(ref, made);
    return made.set;
  }

  clear(): void {
    this.#kept.clear();
  }
}

const areHours = ({ partition }: ChunkRef): boolean => partition.tier === '1h';

function hasAll({ series, seriesIds }: Kept, wanted: ReadonlySet<number>): boolean {
  for (const id of wanted) if (seriesIds.has(id) && !series.has(id)) return false;
  return true;
}

interface Taking {
  stepMs: number;
  wanted: ReadonlySet<number>;
  before: ReadonlyMap<number, Packed> | undefined;
}

const ROUGH_OVERHEAD = 600;

function keptOf(chunk: StoredChunk, { stepMs, wanted, before }: Taking): Kept | undefined {
  const { rows } = chunk;
  const whole = rolledOfChunk(chunk, stepMs);
  const series = new Map(before);
  const room = emptyRolled(rows);
  for (const [at, id] of chunk.seriesIds.entries()) {
    if (!wanted.has(id) || series.has(id)) continue;
    const { main, count } = whole.means(at, room);
    if (count.some((many) => many > MOST_COUNT)) return undefined;
    series.set(id, { means: main.slice(), counts: Uint16Array.from(count) });
  }
  const times = chunk.times();
  const bytes = ROUGH_OVERHEAD + times.length + rows * series.size * 10 + chunk.seriesIds.length * 16;
  return { set: setOf(whole, times, series), seriesIds: new Set(chunk.seriesIds), series, bytes };
}

const NONE = new Float64Array();

/** The rows as others see them, without the chunk that they came from. */
function setOf(
  { rows, stepMs, late, even }: RolledSet,
  times: Uint8Array,
  series: ReadonlyMap<number, Packed>,
): RolledSet {
  const listed = [...series.values()];
  const means = (at: number, { count }: Rolled): Means => {
    count.set(listed[at]?.counts ?? []);
    return { main: listed[at]?.means ?? NONE, count };
  };
  const readRolled = (at: number, room: Rolled): void => room.main.set(means(at, room).main);
  return {
    ...{ rows, stepMs, late, even, seriesIds: [...series.keys()] },
    ...{ readTimes: (out: Float64Array) => decodeColumn(times, rows, out), means, readRolled },
  };
}
