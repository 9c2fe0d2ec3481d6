import type { Span, StoredChunk } from '../../store/history-engine.ts';
import { decodeColumn, type Even, evenOf } from '../codec/column.ts';
import type { RowSet } from '../head/rows.ts';
import { decodeMeans, decodeRolled, type Means, type Rolled } from './rolled.ts';

/** Rows of a tier of one host. */
export interface RolledSet {
  readonly rows: number;
  readonly stepMs: number;
  readonly seriesIds: readonly number[];
  readonly late: readonly Span[];
  /** Beginnings of the steps, where they are even. */
  readonly even: Even | undefined;
  /** Beginnings of the steps, epoch ms. */
  readTimes(out: Float64Array): void;
  /** The rows of `seriesIds[at]`. */
  readRolled(at: number, into: Rolled): void;
  /** The same without least and most: in `room`, or as they are kept, to be read only. There may be more than `rows`. */
  means(at: number, room: Rolled): Means;
}

export type AnySet = RowSet | RolledSet;

export const isRolled = (set: AnySet): set is RolledSet => 'stepMs' in set;

export function rolledOfChunk(chunk: StoredChunk, stepMs: number): RolledSet {
  const { rows, seriesIds, late } = chunk;
  return {
    rows,
    stepMs,
    seriesIds,
    late,
    even: evenOf(chunk.times()),
    readTimes: (out) => decodeColumn(chunk.times(), rows, out),
    readRolled: (at, into) => decodeRolled(chunk.column(at), rows, into),
    means: (at, room) => {
      decodeMeans(chunk.column(at), rows, room);
      return room;
    },
  };
}
