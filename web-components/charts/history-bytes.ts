import type { Column, HistoryHead, SeriesHead } from '../../protocol/routes/history.ts';

/** A series with its columns in the order of `HistoryBytes.columns`; NaN is a gap. */
export interface SeriesBytes extends SeriesHead {
  /** `f4`: rounded to about seven digits. */
  type: 'f4' | 'f8';
  numbers: readonly (Float32Array | Float64Array)[];
}

/** An answer of `GET /api/v1/history` in its binary form. */
export interface HistoryBytes extends HistoryHead {
  series: readonly SeriesBytes[];
}

export const HISTORY_BYTES: string = 'application/vnd.reeve.history';
const MAGIC = 'RVH1';
const BEGIN = 8;

const padded = (size: number): number => Math.ceil(size / 8) * 8;

/** Reads the binary form (`docs/history-api.md`); the columns are views of `bytes`, nothing is copied. Throws on anything else. */
export function decodeHistory(bytes: ArrayBuffer): HistoryBytes {
  const magic = new TextDecoder('latin1').decode(bytes.slice(0, MAGIC.length));
  if (magic !== MAGIC || bytes.byteLength < BEGIN) throw new Error('This is not an answer of history');
  const headEnd = BEGIN + new DataView(bytes).getUint32(MAGIC.length, true);
  if (headEnd > bytes.byteLength) throw new Error('This answer of history is cut off');
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, BEGIN, headEnd - BEGIN)));
  let at = headEnd;
  const column = (type: 'f4' | 'f8', steps: number): Float32Array | Float64Array => {
    const begin = at;
    at += padded(steps * (type === 'f8' ? 8 : 4));
    if (at > bytes.byteLength) throw new Error('This answer of history is cut off');
    return type === 'f8' ? new Float64Array(bytes, begin, steps) : new Float32Array(bytes, begin, steps);
  };
  const { series, ...rest } = head as HistoryHead & { series: Omit<SeriesBytes, 'numbers'>[] };
  return {
    ...rest,
    series: series.map((each) => ({ ...each, numbers: rest.columns.map(() => column(each.type, rest.steps)) })),
  };
}

/** The place of a column in `numbers`. */
export const columnAt = ({ columns }: HistoryHead, column: Column): number => columns.indexOf(column);
