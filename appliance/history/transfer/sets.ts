import type { HistoryEngine, Span, StoredChunk, Tier } from '../../store/history-engine.ts';
import type { LaneHead } from '../head/lane-head.ts';
import { type RowSet, rowsOfChunk } from '../head/rows.ts';
import { emptyRolled } from '../tiers/rolled.ts';
import { rolledOfChunk } from '../tiers/rolled-set.ts';
import { type RolledTier, STEP_MS } from '../tiers/tiers.ts';

export interface SetParts {
  engine: Pick<HistoryEngine, 'chunks'>;
  heads: readonly LaneHead[];
}

export interface HostSpan {
  hostId: string;
  from: number;
  to: number;
}

/** Values of one series; `count`, `min` and `max` only in tiers. NaN where there is none. */
export interface Columns {
  values: Float64Array;
  count?: Float64Array;
  min?: Float64Array;
  max?: Float64Array;
}

/** Rows of one host in one tier, wherever they are. */
export interface TierSet {
  readonly rows: number;
  readonly intervalMs: number;
  readonly seriesIds: readonly number[];
  readonly late: readonly Span[];
  readTimes(out: Float64Array): void;
  /** The series `seriesIds[at]`. */
  read(at: number): Columns;
}

/** Hosts that send each minute or less often keep their rows apart, because these are their own 1-minute tier. */
export const SLOW_MS = 60_000;

/** What one host has of a tier in `from` ≤ time < `to`, sealed and open; chunks that are damaged are left out. */
export async function* setsOf(tier: Tier, { hostId, from, to }: HostSpan, parts: SetParts): AsyncIterable<TierSet> {
  const { engine, heads } = parts;
  // Taken down at one moment: what is sealed meanwhile must not be missed or come twice.
  const refs = engine.chunks.find({ tier, hostId, from, to });
  const open =
    tier === 'raw' ? heads.flatMap((head) => head.find(hostId, { from, to })).flatMap((each) => each.snapshot()) : [];
  for (const ref of refs) {
    const chunk = await engine.chunks.read(ref);
    if (chunk) yield tier === 'raw' ? rawSet(rowsOfChunk(chunk)) : rolledSet(chunk, tier);
  }
  for (const rows of open) yield rawSet(rows);
}

function rawSet(set: RowSet): TierSet {
  return {
    rows: set.rows,
    intervalMs: set.intervalMs,
    seriesIds: set.seriesIds,
    late: set.late,
    readTimes: (out) => set.readTimes(out),
    read(at) {
      const values = new Float64Array(set.rows);
      set.readColumn(at, values);
      return { values };
    },
  };
}

function rolledSet(chunk: StoredChunk, tier: RolledTier): TierSet {
  const { rows, seriesIds, late, readTimes, readRolled } = rolledOfChunk(chunk, STEP_MS[tier]);
  return {
    rows,
    intervalMs: chunk.intervalMs,
    seriesIds,
    late,
    readTimes,
    read(at) {
      const into = emptyRolled(rows);
      readRolled(at, into);
      const { main, count, min, max } = into;
      return { values: main, count, min, max };
    },
  };
}

export function timesOf(set: Pick<TierSet, 'rows' | 'readTimes'>): Float64Array {
  const times = new Float64Array(set.rows);
  set.readTimes(times);
  return times;
}
