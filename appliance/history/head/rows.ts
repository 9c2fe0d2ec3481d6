import type { Span, StoredChunk } from '../../store/history-engine.ts';
import { decodeColumn, type Even, evenOf } from '../codec/column.ts';

/** Rows of one host, wherever they are: in a sealed chunk or in the head. */
export interface RowSet {
  /** Times of the earliest and latest row, epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly intervalMs: number;
  readonly seriesIds: readonly number[];
  readonly late: readonly Span[];
  /** The times, where they are even: then nobody need read them. */
  readonly even: Even | undefined;
  readTimes(out: Float64Array): void;
  /** The values of `seriesIds[at]`, NaN where there are none. */
  readColumn(at: number, out: Float64Array): void;
}

export function rowsOfChunk(chunk: StoredChunk): RowSet {
  const { from, to, rows, intervalMs, seriesIds, late } = chunk;
  return {
    from,
    to,
    rows,
    intervalMs,
    seriesIds,
    late,
    even: evenOf(chunk.times()),
    readTimes: (out) => decodeColumn(chunk.times(), rows, out),
    readColumn: (at, out) => decodeColumn(chunk.column(at), rows, out),
  };
}
