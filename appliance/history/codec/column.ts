import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader, ByteWriter, DecodeError } from './bytes.ts';
import { fromIntegers, toIntegers } from './decimal.ts';
import { readFixed, widthOf, writeFixed } from './fixed.ts';
import { doublesToPlanes, planesToDoubles } from './planes.ts';
import { readResiduals, writeResiduals } from './residuals.ts';

/** First byte of a column; `GAPS` is added when some rows have no value. */
const KIND = { empty: 0, constant: 1, doubles: 4, plain: 5, fixed: 6, residuals: 7, regular: 8 } as const;
const GAPS = 0x10;

let present = new Float64Array(4096);
let integers = new Float64Array(4096);
const out = new ByteWriter(8192);

/** `small`: as small as can be, for the disk. `quick`: a tenth of the work, for rows that wait in memory. */
export type Effort = 'small' | 'quick';

/** One series of a chunk as bytes; NaN is a gap, every other double comes back as it was (but −0 as 0). */
export function encodeColumn(values: Float64Array, rows: number, effort: Effort): Uint8Array {
  if (present.length < rows) {
    present = new Float64Array(rows * 2);
    integers = new Float64Array(rows * 2);
  }
  let count = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isNaN(value)) present[count++] = value;
  }
  out.clear();
  const gaps = count < rows && count > 0 ? GAPS : 0;
  const head = (kind: number) => {
    out.byte(kind | gaps);
    if (gaps) writePresence(values, rows);
  };
  if (count === 0) head(KIND.empty);
  else writeValues({ count, effort, head });
  return out.written().slice();
}

interface Plan {
  count: number;
  effort: Effort;
  head: (kind: number) => void;
}

function writeValues({ count, effort, head }: Plan): void {
  const decimals = toIntegers(present, count, integers);
  if (decimals === undefined) {
    head(effort === 'small' ? KIND.doubles : KIND.plain);
    out.bytes(effort === 'small' ? doublesToPlanes(present, count) : new Uint8Array(present.buffer, 0, count * 8));
  } else if (isConstant(integers, count)) {
    head(KIND.constant);
    out.byte(decimals);
    out.signed(integers[0] ?? 0);
  } else if (isRegular(integers, count)) {
    head(KIND.regular);
    out.byte(decimals);
    out.signed(integers[0] ?? 0);
    out.signed((integers[1] ?? 0) - (integers[0] ?? 0));
  } else writeIntegers({ count, effort, head }, decimals);
}

function writeIntegers({ count, effort, head }: Plan, decimals: number): void {
  const width = effort === 'quick' ? widthOf(integers, count) : undefined;
  head(width === undefined ? KIND.residuals : KIND.fixed);
  out.byte(decimals);
  if (width === undefined) writeResiduals(out, integers, count);
  else writeFixed(out, integers, { count, width });
}

function isConstant(values: Float64Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (values[i] !== values[0]) return false;
  return true;
}

/** Whether all steps are the same, as those of times are when every frame came. */
function isRegular(values: Float64Array, count: number): boolean {
  const step = (values[1] ?? 0) - (values[0] ?? 0);
  for (let i = 2; i < count; i++) if ((values[i] ?? 0) - (values[i - 1] ?? 0) !== step) return false;
  return true;
}

/** One bit for each row, deflated where that is shorter. */
function writePresence(values: Float64Array, rows: number): void {
  const bitmap = new Uint8Array((rows + 7) >> 3);
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isNaN(value)) bitmap[i >> 3] = (bitmap[i >> 3] ?? 0) | (1 << (i & 7));
  }
  const deflated = deflateRawSync(bitmap);
  const best = deflated.length < bitmap.length ? deflated : bitmap;
  out.varint(best.length);
  out.bytes(best);
}

function readPresence(input: ByteReader, rows: number): Uint8Array {
  const length = (rows + 7) >> 3;
  const bytes = input.bytes(input.varint());
  const bitmap = bytes.length === length ? bytes : inflateRawSync(bytes, { maxOutputLength: length });
  if (bitmap.length !== length) throw new DecodeError('a column has the wrong number of rows');
  return bitmap;
}

/** Numbers in even steps: number i is `first + i × step`. */
export interface Even {
  first: number;
  step: number;
}

/** What a column says without being unpacked, where it says whole numbers in even steps upwards, as times mostly are. */
export function evenOf(bytes: Uint8Array): Even | undefined {
  const input = new ByteReader(bytes);
  if (input.byte() !== KIND.regular || input.byte() !== 0) return undefined;
  const even = { first: input.signed(), step: input.signed() };
  return even.step > 0 ? even : undefined;
}

/** Fills `values[0 … rows − 1]`; gaps are NaN. Fails when the bytes are not a column of that many rows. */
export function decodeColumn(bytes: Uint8Array, rows: number, values: Float64Array): void {
  const input = new ByteReader(bytes);
  const tag = input.byte();
  if ((tag & ~GAPS) === KIND.empty) {
    values.fill(Number.NaN, 0, rows);
    return;
  }
  if ((tag & GAPS) === 0) readValues(input, tag, { values, count: rows });
  else spread(input, tag & ~GAPS, { values, rows });
}

function spread(input: ByteReader, kind: number, { values, rows }: { values: Float64Array; rows: number }): void {
  const bitmap = readPresence(input, rows);
  let count = 0;
  for (let i = 0; i < rows; i++) count += ((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1;
  readValues(input, kind, { values, count });
  // From the end, so that no value is overwritten before it has moved.
  for (let i = rows - 1; i >= 0; i--) {
    const there = ((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1;
    values[i] = there ? (values[--count] ?? Number.NaN) : Number.NaN;
  }
}

function readValues(input: ByteReader, kind: number, { values, count }: { values: Float64Array; count: number }): void {
  if (kind === KIND.doubles) planesToDoubles(input.rest(), values, count);
  else if (kind === KIND.plain) readPlain(input.bytes(count * 8), values);
  else readIntegers(input, kind, { values, count });
}

function readIntegers(
  input: ByteReader,
  kind: number,
  { values, count }: { values: Float64Array; count: number },
): void {
  const decimals = input.byte();
  if (kind === KIND.constant) values.fill(input.signed(), 0, count);
  else if (kind === KIND.regular) fillRegular(values, count, { first: input.signed(), step: input.signed() });
  else if (kind === KIND.residuals) readResiduals(input, values, count);
  else if (kind === KIND.fixed) readFixed(input, values, count);
  else throw new DecodeError('unknown kind of column');
  fromIntegers(values, count, decimals);
}

function fillRegular(values: Float64Array, count: number, { first, step }: { first: number; step: number }): void {
  for (let i = 0; i < count; i++) values[i] = first + i * step;
}

function readPlain(bytes: Uint8Array, values: Float64Array): void {
  new Uint8Array(values.buffer, values.byteOffset, bytes.length).set(bytes);
}
