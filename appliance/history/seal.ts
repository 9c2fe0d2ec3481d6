import type { Chunk, HistoryEngine } from '../store/history-engine.ts';
import { encodeColumn } from './codec/column.ts';
import type { Dictionary } from './dictionary.ts';
import type { Block } from './head/block.ts';
import type { Outgoing } from './head/lane-head.ts';
import type { RowSet } from './head/rows.ts';
import type { LaneState } from './lane-state.ts';
import { namesOf } from './names.ts';
import { Slices } from './slices.ts';

export interface SealParts {
  engine: Pick<HistoryEngine, 'chunks'>;
  dictionary: Dictionary;
  /** Makes names, marks and losses durable, because the log that holds them is about to go. */
  saveRecords: () => Promise<void>;
  now: number;
}

/**
 * Moves the periods of a lane that are over from the head into partitions, then lets go of the log. In this order a crash
 * between any two steps loses and doubles nothing: a partition says up to which commit it holds the rows of its period, and
 * replay leaves those out. Fails with `StorageError`; what was not written stays in the head and is tried again.
 */
export async function sealLane({ head, log }: LaneState, parts: SealParts): Promise<void> {
  const { now } = parts;
  if (head.isDue(now)) head.detach(now, log.cut());
  const outgoing = head.outgoing();
  if (outgoing.length === 0) return;
  await log.flush();
  for (const group of outgoing) await writeGroup(group, { lane: head.lane, parts, onPlaced: () => head.placed(group) });
  // The records know what is durable now; a mark or a loss of a later commit is perhaps nowhere but in the log.
  const saved = log.lastNumber;
  await parts.saveRecords();
  await log.dropThrough(Math.min(head.firstCommit - 1, saved));
}

interface Target {
  lane: LaneState['head']['lane'];
  parts: SealParts;
  onPlaced: () => void;
}

async function writeGroup({ period, through, blocks }: Outgoing, { lane, parts, onPlaced }: Target): Promise<void> {
  const filled = blocks.filter(({ rows }) => rows > 0);
  if (filled.length === 0) return onPlaced();
  const key = { tier: 'raw' as const, lane: lane.name, from: period, spanMs: lane.spanMs, through };
  await parts.engine.chunks.write(key, chunksOf(filled, parts.dictionary), onPlaced);
}

async function* chunksOf(blocks: readonly Block[], dictionary: Dictionary): AsyncIterable<Chunk> {
  const slices = new Slices();
  for (const block of blocks) {
    yield await chunkOf(block, dictionary, slices);
    await slices.pause();
  }
}

/** All rows of a block in the order of time, each column in the smallest form. */
async function chunkOf(block: Block, dictionary: Dictionary, slices: Slices): Promise<Chunk> {
  const { hostId, rows, from, to, intervalMs } = block;
  const sets = block.snapshot();
  const times = gather(sets, rows, (set, out) => set.readTimes(out));
  const order = orderOf(times);
  const seriesIds: number[] = [];
  const columns: Uint8Array[] = [];
  for (const [slot, id] of block.seriesIds.entries()) {
    const column = arrange(
      gather(sets, rows, (set, out) => readSlot(set, slot, out)),
      order,
    );
    await slices.pause();
    if (column.every(Number.isNaN)) continue;
    seriesIds.push(id);
    columns.push(encodeColumn(column, rows, 'small'));
  }
  const names = namesOf(hostId, seriesIds, dictionary);
  return {
    hostId,
    from,
    to,
    rows,
    intervalMs,
    seriesIds,
    names,
    late: block.late.spans,
    times: encodeColumn(arrange(times, order), rows, 'small'),
    columns,
  };
}

function gather(sets: readonly RowSet[], rows: number, read: (set: RowSet, out: Float64Array) => void): Float64Array {
  const all = new Float64Array(rows);
  let at = 0;
  for (const set of sets) {
    read(set, all.subarray(at, at + set.rows));
    at += set.rows;
  }
  return all;
}

function readSlot(set: RowSet, slot: number, out: Float64Array): void {
  if (slot < set.seriesIds.length) set.readColumn(slot, out);
  else out.fill(Number.NaN);
}

/** The rows in the order of their times, or nothing when they are in it already. */
function orderOf(times: Float64Array): Uint32Array | undefined {
  if (times.every((at, i) => i === 0 || at >= (times[i - 1] ?? 0))) return undefined;
  return Uint32Array.from(times.keys()).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
}

function arrange(values: Float64Array, order: Uint32Array | undefined): Float64Array {
  return order ? Float64Array.from(order, (row) => values[row] ?? Number.NaN) : values;
}
