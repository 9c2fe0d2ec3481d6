import { type ByteReader, type ByteWriter, DecodeError, unzigzag, zigzag } from '../codec/bytes.ts';
import { decimalsOf, powerOf } from '../codec/decimal.ts';

/** How a value is written, in the three lowest bits of its number: so many decimals, a gap, or as it is behind all numbers. */
const MOST_DECIMALS = 5;
const GAP = 6;
const AS_IS = 7;
const MOST_VALUES = 100_000;
/** Larger integers would not fit beside the three bits. */
const LARGEST = 2 ** 48;

let scratch = new Float64Array(256);

function reserve(count: number): Float64Array {
  if (scratch.length < count) scratch = new Float64Array(count * 2);
  return scratch;
}

/** Writes the values of one frame; null, NaN and infinities are gaps. */
export function writeValues(out: ByteWriter, values: ArrayLike<number | null>, count: number): void {
  const numbers = reserve(count);
  out.varint(count);
  for (let i = 0; i < count; i++) {
    numbers[i] = numberOf(values[i]);
    out.varint(numbers[i] ?? 0);
  }
  for (let i = 0; i < count; i++) if (numbers[i] === AS_IS) out.float64(values[i] ?? Number.NaN);
}

function numberOf(value: number | null | undefined): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return GAP;
  const decimals = decimalsOf(value, 0);
  if (decimals === undefined || decimals > MOST_DECIMALS) return AS_IS;
  const integer = Math.round(value * powerOf(decimals));
  return Math.abs(integer) < LARGEST ? zigzag(integer) * 8 + decimals : AS_IS;
}

/** Gaps are NaN. */
export function readValues(input: ByteReader): number[] {
  const count = input.varint();
  if (count > MOST_VALUES) throw new DecodeError('a frame has too many values');
  const numbers = reserve(count);
  input.varints(numbers, count);
  const values = new Array<number>(count);
  for (let i = 0; i < count; i++) {
    const number = numbers[i] ?? GAP;
    values[i] = number === AS_IS ? input.float64() : fromNumber(number);
  }
  return values;
}

function fromNumber(number: number): number {
  if (number >= 2 ** 31) return unzigzag(Math.floor(number / 8)) / powerOf(number % 8);
  const decimals = number & 7;
  if (decimals === GAP) return Number.NaN;
  const folded = number >>> 3;
  const integer = (folded >>> 1) ^ -(folded & 1);
  return decimals === 0 ? integer : integer / powerOf(decimals);
}
