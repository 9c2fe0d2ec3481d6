import { type ByteReader, type ByteWriter, DecodeError } from './bytes.ts';
import { decisionAt, fillNodes, MOST_BITS, NEXT, NODES, plainBits, rootOf } from './decisions.ts';
import * as coder from './range-coder.ts';

/**
 * Integers as what a predictor did not foresee, in a range coder whose models learn the column as they go; how long the last
 * residuals were says which models are asked. On seeded machines a tenth and on a real one a fifth smaller than the best of Rice
 * codes and byte planes with brotli. The greatest common divisor of all steps is taken out first: bytes of memory move in pages.
 * |value| ≤ 2^50.
 */
const PREDICTORS = ['least', 'last', 'slope'] as const;
const LEAST = 0;
const SLOPE = 2;
/** Bits without a model are written so many at a time. */
const PLAIN_BITS = 12;

const models = new Int32Array(NODES);
/** The longest residual since the models were fresh: only what it can have touched is made fresh again. */
let longest = MOST_BITS;
const encoder = new coder.RangeEncoder();
let steps = new Float64Array(4096);
/** How often residuals of each length are left by each predictor. */
const lengths = PREDICTORS.map(() => new Uint32Array(64));

/** Writes `count` ≥ 1 integers, to the end of the bytes. */
export function writeResiduals(out: ByteWriter, values: Float64Array, count: number): void {
  if (steps.length < count) steps = new Float64Array(count * 2);
  const divisor = commonDivisor(values, count);
  const first = values[0] ?? 0;
  let least = first;
  for (let i = 1; i < count; i++) least = Math.min(least, values[i] ?? 0);
  for (let i = 0; i < count; i++) steps[i] = ((values[i] ?? 0) - least) / divisor;
  const predictor = cheapest(count);
  out.byte(predictor);
  out.signed(predictor === LEAST ? least : first);
  out.varint(divisor);
  out.bytes(encodeSteps(predictor, count));
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

/** The predictor that leaves the least, near enough to choose by. */
function cheapest(count: number): number {
  const [low, last, slope] = lengths as [Uint32Array, Uint32Array, Uint32Array];
  for (const counts of lengths) counts.fill(0);
  let previous = steps[0] ?? 0;
  let previousStep = 0;
  for (let i = 1; i < count; i++) {
    const value = steps[i] ?? 0;
    const step = value - previous;
    add(low, value);
    add(last, step);
    add(slope, step - previousStep);
    previous = value;
    previousStep = step;
  }
  const costs = lengths.map((counts, predictor) => costOf(counts, { count, hasSign: predictor !== LEAST }));
  return costs.indexOf(Math.min(...costs));
}

function add(counts: Uint32Array, residual: number): void {
  const bits = bitsOf(Math.abs(residual));
  counts[bits] = (counts[bits] ?? 0) + 1;
}

/** Bits of residuals with these lengths: the lengths at their entropy, what follows the first bit as it is, and the signs. */
function costOf(counts: Uint32Array, { count, hasSign }: { count: number; hasSign: boolean }): number {
  let cost = 0;
  for (let bits = 0; bits < counts.length; bits++) {
    const found = counts[bits] ?? 0;
    if (found > 0) cost += found * (Math.log2(count / found) + (bits > 0 ? bits - (hasSign ? 0 : 1) : 0));
  }
  return cost;
}

/** How many bits an integer ≥ 0 has; 0 has none. */
function bitsOf(size: number): number {
  if (size < 2 ** 31) return 32 - Math.clz32(size);
  return 63 - Math.clz32(Math.floor(size / 2 ** 31));
}

function encodeSteps(predictor: number, count: number): Uint8Array {
  fillNodes(models, coder.FRESH, longest);
  longest = 0;
  let expected = 0;
  let last = steps[0] ?? 0;
  let lastStep = 0;
  for (let i = predictor === LEAST ? 0 : 1; i < count; i++) {
    const value = steps[i] ?? 0;
    const residual = predictor === LEAST ? value : value - last - lastStep;
    if (predictor === SLOPE) lastStep = value - last;
    last = value;
    const size = Math.abs(residual);
    const bits = bitsOf(size);
    if (bits > longest) longest = bits;
    const highest = highestOf(size, bits);
    for (let node = rootOf((expected + 8) >> 4); node >= 0; ) {
      const one = decisionAt(node, bits, highest);
      encoder.bit(models, node, one);
      node = NEXT[2 * node + (one ? 1 : 0)] ?? -1;
    }
    if (predictor === LEAST) writePlain(size, plainBits(bits));
    else if (bits > 0) writePlain(size * 2 + (residual < 0 ? 1 : 0), plainBits(bits) + 1);
    expected += ((bits << 4) - expected) >> 1;
  }
  return encoder.take();
}

/** The three highest bits of a size, with zeros behind when it has fewer. */
function highestOf(size: number, bits: number): number {
  if (bits > 31) return Math.floor(size / 2 ** (bits - 3));
  return bits >= 3 ? size >> (bits - 3) : size << (3 - bits);
}

/** The lowest `width` bits, highest first. */
function writePlain(value: number, width: number): void {
  let left = width;
  // Few sizes have that many bits.
  for (; left > PLAIN_BITS; left -= PLAIN_BITS)
    encoder.plain(Math.floor(value / 2 ** (left - PLAIN_BITS)) % 2 ** PLAIN_BITS, PLAIN_BITS);
  encoder.plain((value < 2 ** 31 ? value : value % 2 ** 31) & ((1 << left) - 1), left);
}

/** Reads `count` integers that fill the rest of the bytes. */
export function readResiduals(input: ByteReader, values: Float64Array, count: number): void {
  const predictor = input.byte();
  if (predictor >= PREDICTORS.length) throw new DecodeError('unknown predictor');
  const base = input.signed();
  const divisor = input.varint();
  decode(input.rest(), values, { count, hasSign: predictor !== LEAST });
  let last = 0;
  let step = 0;
  for (let i = predictor === LEAST ? 0 : 1; i < count; i++) {
    const residual = values[i] ?? 0;
    if (predictor === LEAST) last = residual;
    else {
      step = predictor === SLOPE ? step + residual : residual;
      last += step;
    }
    values[i] = base + last * divisor;
  }
  if (predictor !== LEAST) values[0] = base;
}

/**
 * The residuals, from the second on where they have signs; behind the end of the bytes there are only zeros. One loop without
 * calls and with its constants at hand, because every chart waits for it.
 */
function decode(bytes: Uint8Array, residuals: Float64Array, to: { count: number; hasSign: boolean }): void {
  const { FRESH, FULL_RANGE, LEAST_RANGE, CHANCE_BITS, SEEN_BITS, SEEN_MASK, MOST_SEEN } = coder;
  const { LEAST_CHANCE, MOST_CHANCE, RATES } = coder;
  const [states, ways, mostBits] = [models, NEXT, PLAIN_BITS];
  fillNodes(states, FRESH, longest);
  const signBits = to.hasSign ? 1 : 0;
  let at = 3;
  let held = bytes[3] ?? 0;
  let code = ((bytes[0] ?? 0) << 23) | ((bytes[1] ?? 0) << 15) | ((bytes[2] ?? 0) << 7) | (held >> 1);
  let range = FULL_RANGE;
  let expected = 0;
  let most = 0;
  for (let i = signBits; i < to.count; i++) {
    let node = rootOf((expected + 8) >> 4);
    while (node >= 0) {
      const model = states[node] ?? 0;
      const chance = model >> SEEN_BITS;
      const seen = model & SEEN_MASK;
      const bound = (range >>> CHANCE_BITS) * chance;
      const isOne = code < bound;
      if (isOne) range = bound;
      else {
        code -= bound;
        range -= bound;
      }
      const moved = chance + ((((isOne ? MOST_CHANCE : LEAST_CHANCE) - chance) * (RATES[seen] ?? 0)) >> 16);
      states[node] = (moved << SEEN_BITS) | (seen < MOST_SEEN ? seen + 1 : seen);
      node = ways[2 * node + (isOne ? 1 : 0)] ?? -1;
      for (; range < LEAST_RANGE; range <<= 8) {
        const next = bytes[++at] ?? 0;
        code = (code << 8) | ((held & 1) << 7) | (next >> 1);
        held = next;
      }
    }
    const end = -1 - node;
    const bits = end >> 2;
    let size = bits > 2 ? 4 + (end & 3) : bits === 2 ? 2 + (end & 1) : bits;
    for (let left = bits > 0 ? plainBits(bits) + signBits : 0; left > 0; ) {
      const width = left < mostBits ? left : mostBits;
      left -= width;
      range >>>= width;
      const found = (code / range) | 0;
      // Damaged bytes may lead beyond the range.
      const piece = found < 1 << width ? found : (1 << width) - 1;
      code -= piece * range;
      const isLast = left === 0 && signBits === 1;
      size = isLast ? size * (1 << (width - 1)) + (piece >> 1) : size * (1 << width) + piece;
      if (isLast && (piece & 1) === 1) size = -size;
      for (; range < LEAST_RANGE; range <<= 8) {
        const next = bytes[++at] ?? 0;
        code = (code << 8) | ((held & 1) << 7) | (next >> 1);
        held = next;
      }
    }
    residuals[i] = size;
    if (bits > most) most = bits;
    expected += ((bits << 4) - expected) >> 1;
  }
  longest = most;
}
