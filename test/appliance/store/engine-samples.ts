import { crc32 } from 'node:zlib';
import type { Chunk, ChunkRef, Commit, HistoryEngine, PartitionKey } from '../../../appliance/store/history-engine.ts';
import type { HistoryPlace } from '../../helpers/history-place.ts';
import { seeded } from '../../helpers/seeded.ts';
import { keepingLog } from '../../helpers/silent-log.ts';

export const HOUR = 3_600_000;
export const NOON = Date.UTC(2025, 10, 21, 12);

export const bytes = (seed: number, length: number): Uint8Array => {
  const next = seeded(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
};

export const commit = (number: number, length = 100): Commit => ({ number, payload: bytes(number, length) });

export const key = (through: number, more: Partial<PartitionKey> = {}): PartitionKey => ({
  ...{ tier: 'raw', lane: '2h', from: NOON, spanMs: 2 * HOUR, through },
  ...more,
});

export const chunk = (hostId: string, more: Partial<Chunk> = {}): Chunk => ({
  ...{ hostId, from: NOON, to: NOON + HOUR, rows: 720, intervalMs: 5_000, seriesIds: [1, 7], late: [] },
  ...{ names: bytes(1, 40), times: bytes(2, 30), columns: [bytes(3, 300), bytes(4, 3_000)] },
  ...more,
});

export async function* each<T>(list: Iterable<T>): AsyncIterable<T> {
  for (const one of list) {
    await new Promise((resolve) => setImmediate(resolve));
    yield one;
  }
}

/** An engine for one use. */
export async function using<T>(place: HistoryPlace, work: (engine: HistoryEngine) => Promise<T>): Promise<T> {
  const engine = await place.open({ log: keepingLog() });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Commits as they are compared: numbers, and sums in place of what is in them. */
export const saidOf = (commits: readonly Commit[]): string[] =>
  commits.map(({ number, payload }) => `${number}: ${sumOf(payload)}`);

/** Every commit that is left in a lane, as it is found by whoever opens it. */
export async function replayed(engine: HistoryEngine, lane = '2h'): Promise<string[]> {
  const found: string[] = [];
  for await (const commit of (await engine.log(lane)).replay()) found.push(...saidOf([commit]));
  return found;
}

/** A chunk with sums in place of its bytes: what differs is said, and not in millions of numbers. */
export const summed = ({ names, times, columns, ...said }: Chunk) => ({
  ...said,
  names: sumOf(names),
  times: sumOf(times),
  columns: columns.map(sumOf),
});

const sumOf = (bytes: Uint8Array): string => `${bytes.length} bytes, ${crc32(bytes)}`;

/** Everything that a chunk says when it is read. */
export async function readSummed(engine: HistoryEngine, ref: ChunkRef | undefined) {
  const found = ref && (await engine.chunks.read(ref));
  if (!found) return undefined;
  const { names, times, column, hostId, from, to, rows, intervalMs, seriesIds, late } = found;
  const said = { hostId, from, to, rows, intervalMs, seriesIds, late };
  return summed({ ...said, names: names(), times: times(), columns: seriesIds.map((_, at) => column(at)) });
}

export const foundOf = ({ chunks }: HistoryEngine, hostId: string, { from = 0, to = Number.MAX_SAFE_INTEGER } = {}) =>
  chunks.find({ tier: 'raw', hostId, from, to });

/** Rows of a host by what is found, which tells at once what is lost or doubled. */
export const rowsOf = (engine: HistoryEngine, hostId: string): number =>
  foundOf(engine, hostId).reduce((sum, { rows }) => sum + rows, 0);
