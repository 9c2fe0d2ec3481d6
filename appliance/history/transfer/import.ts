import type { Chunk, HistoryEngine, PartitionKey, Tier } from '../../store/history-engine.ts';
import { encodeColumn } from '../codec/column.ts';
import type { Dictionary } from '../dictionary.ts';
import { IMPORTED } from '../lanes.ts';
import { namesOf } from '../names.ts';
import { Slices } from '../slices.ts';
import { encodeRolled } from '../tiers/rolled.ts';
import type { Block, BlockSeries } from './block.ts';
import { BESIDE, Finest, STANDS_MS } from './finest.ts';
import { KINDS, type Kind } from './groups.ts';
import { type ImportOptions, type ImportReport, Input } from './input.ts';
import { type SetParts, SLOW_MS } from './sets.ts';

export interface ImportParts extends SetParts {
  engine: Pick<HistoryEngine, 'chunks'>;
  dictionary: Dictionary;
  /** Makes the names of series durable. */
  saveRecords: () => Promise<void>;
  now: () => number;
}

/**
 * Takes an export into history, partition by partition, each whole or not at all. A row whose moment the host has here already, in
 * the finest tier that there is, is left out: importing twice doubles nothing. Fails with `StorageError` when the disk refuses.
 */
export async function importLines(
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions,
  parts: ImportParts,
): Promise<ImportReport> {
  const input = new Input(source, options, parts.now);
  const through = new Map(IMPORTED.map(({ name }) => [name, lastThrough(name, parts)]));
  for (let block = await input.peek(); block; block = await input.peek()) {
    const key = keyOf(block, through);
    const chunks = new Chunks(input, key, parts);
    const first = await chunks.next();
    if (!first) continue;
    await parts.saveRecords();
    await parts.engine.chunks.write(key, startingWith(first, chunks), () => undefined);
    input.placed(chunks);
  }
  return input.report();
}

function lastThrough(lane: string, { engine }: ImportParts): number {
  const own = engine.chunks.partitions().filter((each) => each.lane === lane);
  return own.reduce((most, each) => Math.max(most, each.through), 0);
}

const kindOf = ({ tier, intervalMs }: Block): Kind => {
  const found = KINDS.find((each) => each.tier === tier && each.isSlow === intervalMs >= SLOW_MS);
  if (!found) throw new RangeError(`no kind of rows is ${tier}`);
  return found;
};

function keyOf(block: Block, through: ReadonlyMap<string, number>): PartitionKey {
  const { tier, isSlow, spanMs } = kindOf(block);
  const [fast, slow] = IMPORTED;
  const lane = (isSlow ? slow : fast)?.name ?? '';
  const from = Math.floor((block.times[0] ?? 0) / spanMs) * spanMs;
  return { tier, lane, from, spanMs, through: (through.get(lane) ?? 0) + RANK[tier] };
}

/**
 * Imported partitions stand in lanes of their own, whose commits are the imports. Finer ones get higher numbers: what is made of
 * them stands beside the coarser ones of the same file, which are of other hours.
 */
const RANK: Readonly<Record<Tier, number>> = { '1h': 1, '5m': 1, '1m': 2, raw: 3 };

async function* startingWith(first: Chunk, rest: Chunks): AsyncIterable<Chunk> {
  yield first;
  for (let chunk = await rest.next(); chunk; chunk = await rest.next()) yield chunk;
}

/** The chunks of one partition, as far as the lines that follow belong to it. */
class Chunks {
  rows = 0;
  readonly hosts = new Set<string>();
  readonly #input: Input;
  readonly #key: PartitionKey;
  readonly #parts: ImportParts;
  readonly #slices = new Slices();
  /** Last time of each host in this partition: the lines of a host follow each other. */
  readonly #lastAt = new Map<string, number>();

  constructor(input: Input, key: PartitionKey, parts: ImportParts) {
    this.#input = input;
    this.#key = key;
    this.#parts = parts;
  }

  async next(): Promise<Chunk | undefined> {
    for (let block = await this.#input.peek(); block && this.#belongs(block); block = await this.#input.peek()) {
      this.#input.take();
      const rest = await this.#unknown(block);
      const chunk = rest && this.#chunkOf(rest);
      await this.#slices.pause();
      if (chunk) return chunk;
    }
    return undefined;
  }

  #belongs(block: Block): boolean {
    const { tier, lane, from, spanMs } = keyOf(block, new Map());
    const key = this.#key;
    return tier === key.tier && lane === key.lane && from === key.from && spanMs === key.spanMs;
  }

  /** The rows whose moments are not known here yet; none when the block names a series too many. */
  async #unknown(block: Block): Promise<Block | undefined> {
    const { hostId, tier, times } = block;
    const [from = 0, last = 0] = [times[0], times.at(-1)];
    const stands = STANDS_MS[tier];
    const finest = await Finest.of({ hostId, from, to: last + stands }, BESIDE[tier], this.#parts);
    const before = this.#lastAt.get(hostId) ?? 0;
    const kept = Int32Array.from(times.keys()).filter((row) => {
      const at = times[row] ?? 0;
      return at > before && !finest.knows(at, stands);
    });
    this.#lastAt.set(hostId, Math.max(before, last));
    this.#input.known += times.length - kept.length;
    return kept.length === 0 ? undefined : rowsOf(block, kept);
  }

  #chunkOf({ hostId, tier, intervalMs, times, series, late }: Block): Chunk | undefined {
    const { dictionary } = this.#parts;
    const rows = times.length;
    const named = this.#input.guard(() => dictionary.declare(hostId, series));
    if (!named) return undefined;
    const columns = series.map((each) => columnOf(each, rows));
    const seriesIds = named.map(({ id }) => id);
    this.rows += rows;
    this.hosts.add(hostId);
    return {
      hostId,
      from: times[0] ?? 0,
      to: (times[rows - 1] ?? 0) + STANDS_MS[tier] - 1,
      rows,
      intervalMs,
      seriesIds,
      names: namesOf(hostId, seriesIds, dictionary),
      late,
      times: encodeColumn(times, rows, 'small'),
      columns,
    };
  }
}

/** Where a row of a tier says nothing of a series, its count is 0. */
function columnOf({ values, count, min, max }: BlockSeries, rows: number): Uint8Array {
  if (!count || !min || !max) return encodeColumn(values, rows, 'small');
  const counted = count.map((each, row) => (Number.isNaN(values[row]) || Number.isNaN(each) ? 0 : each));
  return encodeRolled({ main: values, count: counted, min, max }, rows);
}

function rowsOf(block: Block, kept: Int32Array): Block {
  if (kept.length === block.times.length) return block;
  const pick = (column: Float64Array) => Float64Array.from(kept, (row) => column[row] ?? Number.NaN);
  const series = block.series.map(({ metric, attributes, values, count, min, max }) => ({
    metric,
    attributes,
    values: pick(values),
    ...(count && min && max && { count: pick(count), min: pick(min), max: pick(max) }),
  }));
  return { ...block, times: pick(block.times), series };
}
