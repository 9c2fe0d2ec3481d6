import { BitReader, BitWriter } from './bits.ts';
import { type ByteReader, type ByteWriter, DecodeError, unzigzag, zigzag } from './bytes.ts';

/**
 * Integers as Rice codes in blocks of 32 with a parameter for each block (R. F. Rice, JPL 79-22, 1979), behind the predictor
 * that fits the column best. The greatest common divisor of all steps is taken out first: bytes of memory move in pages.
 * Of the codecs measured in findings/history.md §3 it is the smallest for samples of one minute. |value| ≤ 2^50.
 */
const BLOCK = 32;
/** Written for a block of zeros only. */
const ALL_ZERO = 31;
const LARGEST_K = 24;
/** Unary part at which the value follows as it is. */
const ESCAPE = 16;
const ESCAPE_BITS = 53;

const PREDICTORS = ['minimum', 'last', 'slope'] as const;
let scratch = PREDICTORS.map(() => new Float64Array(4096));
let steps = new Float64Array(4096);
const bits = new BitWriter();

function reserve(count: number): void {
  if (steps.length >= count) return;
  steps = new Float64Array(count * 2);
  scratch = PREDICTORS.map(() => new Float64Array(count * 2));
}

/** Writes `count` ≥ 1 integers. */
export function writeRice(out: ByteWriter, values: Float64Array, count: number): void {
  reserve(count);
  const first = values[0] ?? 0;
  const divisor = commonDivisor(values, count);
  let least = 0;
  for (let i = 0; i < count; i++) {
    const step = ((values[i] ?? 0) - first) / divisor;
    steps[i] = step;
    if (step < least) least = step;
  }
  const predictor = fillBest(count, least);
  out.byte(predictor);
  out.signed(first);
  out.varint(divisor);
  out.signed(predictor === 0 ? least : 0);
  writeBlocks(scratch[predictor] ?? steps, count);
  out.bytes(bits.take());
}

/** Reads `count` integers that fill the rest of the bytes. */
export function readRice(input: ByteReader, values: Float64Array, count: number): void {
  const predictor = input.byte();
  if (predictor >= PREDICTORS.length) throw new DecodeError('unknown predictor');
  const first = input.signed();
  const divisor = input.varint();
  const base = input.signed();
  readBlocks(new BitReader(input.rest()), values, count);
  if (predictor === 0) for (let i = 0; i < count; i++) values[i] = first + ((values[i] ?? 0) + base) * divisor;
  else if (predictor === 1) sumUp(values, { count, first, divisor });
  else sumUpTwice(values, { count, first, divisor });
}

interface Undo {
  count: number;
  first: number;
  divisor: number;
}

function sumUp(values: Float64Array, { count, first, divisor }: Undo): void {
  let value = 0;
  for (let i = 0; i < count; i++) {
    value += unzigzag(values[i] ?? 0);
    values[i] = first + value * divisor;
  }
}

function sumUpTwice(values: Float64Array, { count, first, divisor }: Undo): void {
  let value = 0;
  let slope = 0;
  for (let i = 0; i < count; i++) {
    slope += unzigzag(values[i] ?? 0);
    value += slope;
    values[i] = first + value * divisor;
  }
}

function commonDivisor(values: Float64Array, count: number): number {
  let divisor = 0;
  for (let i = 1; i < count && divisor !== 1; i++) {
    let a = Math.abs((values[i] ?? 0) - (values[i - 1] ?? 0));
    let b = divisor;
    while (b !== 0) [a, b] = [b, a % b];
    divisor = a;
  }
  return divisor === 0 ? 1 : divisor;
}

/** Fills the residuals of every predictor and answers with the cheapest one. */
function fillBest(count: number, least: number): number {
  const [low, last, slope] = scratch as [Float64Array, Float64Array, Float64Array];
  let previous = 0;
  let previousStep = 0;
  for (let i = 0; i < count; i++) {
    const value = steps[i] ?? 0;
    const step = value - previous;
    low[i] = value - least;
    last[i] = zigzag(step);
    slope[i] = zigzag(step - previousStep);
    previous = value;
    previousStep = step;
  }
  const costs = scratch.map((residuals) => estimate(residuals, count));
  return costs.indexOf(Math.min(...costs));
}

/** Bits of the whole column, near enough to choose by. */
function estimate(residuals: Float64Array, count: number): number {
  let cost = 0;
  for (let from = 0; from < count; from += BLOCK) {
    const length = Math.min(BLOCK, count - from);
    let sum = 0;
    for (let i = from; i < from + length; i++) sum += residuals[i] ?? 0;
    cost += 5;
    if (sum > 0) cost += costOf(sum, length, parameterOf(sum, length));
  }
  return cost;
}

const costOf = (sum: number, length: number, k: number): number => length * (k + 0.5) + sum / 2 ** k;

/** The best parameter is near log2 of the mean times ln 2. */
function parameterOf(sum: number, length: number): number {
  const near = Math.max(0, Math.min(LARGEST_K - 1, Math.floor(Math.log2((sum / length) * Math.LN2 + 1e-9))));
  return costOf(sum, length, near + 1) < costOf(sum, length, near) ? near + 1 : near;
}

function writeBlocks(residuals: Float64Array, count: number): void {
  for (let from = 0; from < count; from += BLOCK) {
    const to = Math.min(from + BLOCK, count);
    let sum = 0;
    for (let i = from; i < to; i++) sum += residuals[i] ?? 0;
    const k = sum === 0 ? ALL_ZERO : parameterOf(sum, to - from);
    bits.put(k, 5);
    if (k === ALL_ZERO) continue;
    const weight = 2 ** k;
    for (let i = from; i < to; i++) writeOne(residuals[i] ?? 0, k, weight);
  }
}

function writeOne(value: number, k: number, weight: number): void {
  const quotient = Math.floor(value / weight);
  const length = quotient + 1 + k;
  if (quotient < ESCAPE && length <= 24) {
    bits.put((((1 << (quotient + 1)) - 2) << k) | (value - quotient * weight), length);
    return;
  }
  if (quotient < ESCAPE) {
    bits.put((1 << (quotient + 1)) - 2, quotient + 1);
    bits.put(value - quotient * weight, k);
    return;
  }
  bits.put((1 << ESCAPE) - 1, ESCAPE);
  bits.putWide(value, ESCAPE_BITS);
}

function readBlocks(reader: BitReader, values: Float64Array, count: number): void {
  for (let from = 0; from < count; from += BLOCK) {
    const to = Math.min(from + BLOCK, count);
    const k = reader.get(5);
    if (k === ALL_ZERO) {
      values.fill(0, from, to);
      continue;
    }
    const weight = 2 ** k;
    for (let i = from; i < to; i++) {
      const quotient = reader.ones(ESCAPE);
      values[i] = quotient < ESCAPE ? quotient * weight + reader.get(k) : reader.getWide(ESCAPE_BITS);
    }
  }
}
