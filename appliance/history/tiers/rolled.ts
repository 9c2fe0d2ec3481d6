import { ByteReader, ByteWriter, DecodeError } from '../codec/bytes.ts';
import { decodeColumn, encodeColumn } from '../codec/column.ts';
import { decimalsOf, powerOf } from '../codec/decimal.ts';

/** One series of a tier: how many values each step had, what stands for them (mean or last), the least and the most. */
export interface Rolled {
  count: Float64Array;
  /** NaN where `count` is 0. */
  main: Float64Array;
  min: Float64Array;
  max: Float64Array;
}

/** `flat`: all values of each step were equal. `near`: least and most as distances from the mean. `apart`: as they are. */
const KIND = { flat: 0, near: 1, apart: 2 } as const;
/** A mean is given no more digits than this: more would be noise, and takes twice the room. */
const DIGITS = 7;
const NO_DECIMALS = 0xff;
const out = new ByteWriter(4096);

/** What averages are made of. */
export type Means = Pick<Rolled, 'main' | 'count'>;

export function emptyRolled(rows: number): Rolled {
  const make = (): Float64Array => new Float64Array(rows);
  return { count: make(), main: make(), min: make(), max: make() };
}

/**
 * A series of a tier as bytes. Counts, least and most come back exactly; means with one decimal more than the values had, and
 * with 7 digits at most.
 */
export function encodeRolled(rolled: Rolled, rows: number): Uint8Array {
  const decimals = meanDecimals(rolled, rows);
  const { kind, columns } = columnsOf(rolled, rows, decimals);
  out.clear();
  out.byte(kind);
  out.byte(decimals ?? NO_DECIMALS);
  for (const column of columns) {
    const bytes = encodeColumn(column, rows, 'small');
    out.varint(bytes.length);
    out.bytes(bytes);
  }
  out.bytes(encodeColumn(rolled.count, rows, 'small'));
  return out.written().slice();
}

function columnsOf({ count, main, min, max }: Rolled, rows: number, decimals: number | undefined) {
  const made = { mean: new Float64Array(rows), low: new Float64Array(rows), high: new Float64Array(rows) };
  let kind: number = KIND.flat;
  for (let i = 0; i < rows; i++) {
    const [least = 0, most = 0] = [min[i], max[i]];
    if (!count[i]) made.mean[i] = Number.NaN;
    else if (least === most) made.mean[i] = least;
    else {
      kind = decimals === undefined ? KIND.apart : KIND.near;
      made.mean[i] = Math.min(most, Math.max(least, rounded(main[i] ?? 0, decimals)));
    }
    made.low[i] = least;
    made.high[i] = most;
  }
  if (kind === KIND.near) toDistances(made, rows, decimals);
  return { kind, columns: kind === KIND.flat ? [made.mean] : [made.mean, made.low, made.high] };
}

interface Three {
  mean: Float64Array;
  low: Float64Array;
  high: Float64Array;
}

function toDistances({ mean, low, high }: Three, rows: number, decimals: number | undefined): void {
  for (let i = 0; i < rows; i++) {
    const value = mean[i] ?? Number.NaN;
    low[i] = Number.isNaN(value) ? 0 : rounded(value - (low[i] ?? 0), decimals);
    high[i] = Number.isNaN(value) ? 0 : rounded((high[i] ?? 0) - value, decimals);
  }
}

function rounded(value: number, decimals: number | undefined): number {
  if (decimals === undefined) return value;
  const power = powerOf(decimals);
  return Math.round(value * power) / power;
}

/** Decimals for means; undefined when least and most are no short decimals themselves. */
function meanDecimals({ count, min, max }: Rolled, rows: number): number | undefined {
  let decimals: number | undefined = 0;
  let largest = 1;
  for (const column of [min, max]) {
    for (let i = 0; i < rows; i++) {
      if (!count[i]) continue;
      const value = column[i] ?? 0;
      largest = Math.max(largest, Math.abs(value));
      decimals = decimalsOf(value, decimals);
      if (decimals === undefined) return undefined;
    }
  }
  const worth = DIGITS - 1 - Math.floor(Math.log10(largest));
  return Math.max(decimals, Math.min(decimals + 1, worth, 9));
}

/** Fills `into` up to `rows`. Fails with `DecodeError` when the bytes are not such a series. */
export function decodeRolled(bytes: Uint8Array, rows: number, into: Rolled): void {
  const input = new ByteReader(bytes);
  const kind = input.byte();
  const decimals = input.byte();
  if (kind > KIND.apart) throw new DecodeError('unknown kind of rolled column');
  const read = (column: Float64Array) => decodeColumn(input.bytes(input.varint()), rows, column);
  read(into.main);
  if (kind !== KIND.flat) {
    read(into.min);
    read(into.max);
  }
  decodeColumn(input.rest(), rows, into.count);
  if (kind === KIND.apart) return;
  for (let i = 0; i < rows; i++) {
    const main = into.main[i] ?? Number.NaN;
    into.min[i] = kind === KIND.flat ? main : rounded(main - (into.min[i] ?? 0), decimals);
    into.max[i] = kind === KIND.flat ? main : rounded(main + (into.max[i] ?? 0), decimals);
  }
}

/** As `decodeRolled`, but least and most are left as they are: they are half of the work. */
export function decodeMeans(bytes: Uint8Array, rows: number, { main, count }: Means): void {
  const input = new ByteReader(bytes);
  const kind = input.byte();
  input.byte();
  if (kind > KIND.apart) throw new DecodeError('unknown kind of rolled column');
  decodeColumn(input.bytes(input.varint()), rows, main);
  if (kind !== KIND.flat) for (let skipped = 0; skipped < 2; skipped++) input.bytes(input.varint());
  decodeColumn(input.rest(), rows, count);
}
