import type { Chunk, ChunkRef, HistoryEngine, Partition, PartitionKey } from '../history-engine.ts';
import type { Tally } from './tally.ts';

/** A history that nobody writes to, and the names of its lanes. */
export interface StillHistory {
  engine: HistoryEngine;
  lanes: readonly string[];
}

/** Copies a history into an empty one, chunk by chunk, and counts what it read. What is damaged is left out and named by `from`'s engine. */
export async function copyHistory(from: StillHistory, to: HistoryEngine, tally: Tally): Promise<void> {
  for (const lane of from.lanes) await copyCommits(from, { to, lane, tally });
  const records = await from.engine.records.all();
  for (const record of records) countRecord(record, tally);
  await to.records.put(records);
  for (const partition of from.engine.chunks.partitions()) {
    const refs = from.engine.chunks.chunksOf(partition.id);
    if (refs.length > 0) await to.chunks.write(keyOf(partition), chunksOf(from.engine, refs, tally));
  }
}

/** Reads everything of a history and counts it. */
export async function countHistory({ engine, lanes }: StillHistory, tally: Tally): Promise<void> {
  for (const lane of lanes) {
    for await (const commit of (await engine.log(lane)).replay()) countCommit(lane, commit, tally);
  }
  for (const record of await engine.records.all()) countRecord(record, tally);
  for (const { id } of engine.chunks.partitions()) {
    for await (const _chunk of chunksOf(engine, engine.chunks.chunksOf(id), tally));
  }
}

/** All of a lane go into one segment: commits lean on earlier ones of theirs, and where those began is not told. */
async function copyCommits(
  { engine }: StillHistory,
  { to, lane, tally }: { to: HistoryEngine; lane: string; tally: Tally },
): Promise<void> {
  const source = await engine.log(lane);
  const target = await to.log(lane);
  for await (const commit of source.replay()) {
    countCommit(lane, commit, tally);
    await target.append(commit);
  }
  await target.rotate();
}

async function* chunksOf(engine: HistoryEngine, refs: readonly ChunkRef[], tally: Tally): AsyncIterable<Chunk> {
  for (const ref of refs) {
    const stored = await engine.chunks.read(ref);
    if (!stored) continue;
    const { hostId, from, to, rows, intervalMs, seriesIds, late } = stored;
    const chunk: Chunk = {
      ...{ hostId, from, to, rows, intervalMs, seriesIds, late },
      names: stored.names(),
      times: stored.times(),
      columns: seriesIds.map((_, at) => stored.column(at)),
    };
    countChunk(ref.partition, chunk, tally);
    yield chunk;
  }
}

const keyOf = ({ tier, lane, from, spanMs, through, isWhole }: Partition): PartitionKey => ({
  ...{ tier, lane, from, spanMs, through },
  ...(isWhole && { isWhole }),
});

function countCommit(lane: string, { number, payload }: { number: number; payload: Uint8Array }, tally: Tally): void {
  tally.add(`commits of ${lane}`, String(number), payload);
}

function countRecord({ id, ...fields }: { id: string }, tally: Tally): void {
  tally.add('records of history', id, JSON.stringify(inOrderOfNames(fields)));
}

function countChunk(
  { tier, lane, from, spanMs, through, isWhole = false }: Partition,
  chunk: Chunk,
  tally: Tally,
): void {
  const { names, times, columns, ...head } = chunk;
  const place = `${tier} ${lane} from ${new Date(from).toISOString()} for ${spanMs} ms through ${through}`;
  const inside = [head.hostId, head.from, head.to, head.rows, head.intervalMs, head.seriesIds, head.late];
  tally.add(`chunks of ${place}${isWhole ? ', whole' : ''}`, JSON.stringify(inside), names, times, ...columns);
}

/** The same record says the same, in whatever order its fields come back. */
function inOrderOfNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrderOfNames);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, inOrderOfNames(field)]));
}
