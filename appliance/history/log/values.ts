import { type ByteReader, type ByteWriter, DecodeError, unzigzag, zigzag } from '../codec/bytes.ts';
import { decimalsOf, powerOf } from '../codec/decimal.ts';

/** How a value is written, in the three lowest bits of its first number: so many decimals, a gap, or as it is. */
const MOST_DECIMALS = 5;
const GAP = 6;
const AS_IS = 7;
const MOST_VALUES = 100_000;
/** Larger integers would not fit beside the three bits. */
const LARGEST = 2 ** 48;

/** Writes the values of one frame; null, NaN and infinities are gaps. */
export function writeValues(out: ByteWriter, values: ArrayLike<number | null>, count: number): void {
  out.varint(count);
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== 'number' || !Number.isFinite(value)) out.byte(GAP);
    else writeValue(out, value);
  }
}

function writeValue(out: ByteWriter, value: number): void {
  const decimals = decimalsOf(value, 0);
  const integer = decimals === undefined ? LARGEST : Math.round(value * powerOf(decimals));
  if (decimals === undefined || decimals > MOST_DECIMALS || Math.abs(integer) >= LARGEST) {
    out.byte(AS_IS);
    out.float64(value);
  } else {
    out.varint(zigzag(integer) * 8 + decimals);
  }
}

/** Gaps are NaN. */
export function readValues(input: ByteReader): Float64Array {
  const count = input.varint();
  if (count > MOST_VALUES) throw new DecodeError('a frame has too many values');
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const first = input.varint();
    const kind = first % 8;
    if (kind === GAP) values[i] = Number.NaN;
    else if (kind === AS_IS) values[i] = input.float64();
    else values[i] = unzigzag((first - kind) / 8) / powerOf(kind);
  }
  return values;
}
