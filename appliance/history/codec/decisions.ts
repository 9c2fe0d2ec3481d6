/**
 * The decisions that say how large a residual is, as a tree to walk: is it longer than just below what is expected, then bit by bit up
 * or down to its length, then its two highest bits behind the first. Lengths are in bits; 0 has none.
 */
export const MOST_BITS = 53;
/** Bits behind the first one that are decided by models; the others are noise. */
const MODELED_BITS = 2;
const STRIDE = 64;
const SHORTER = STRIDE * STRIDE;
const HIGHEST = 2 * SHORTER;
export const NODES: number = HIGHEST + 4 * STRIDE;

/** The first decision when a length of `expected` is likely. */
export const rootOf = (expected: number): number => expected * STRIDE + (expected > 0 ? expected - 1 : 0);

/** What follows on node n when the decision was 0 (at 2n) or 1 (at 2n + 1): a node, or an end below zero. */
export const NEXT: Int16Array = new Int16Array(2 * NODES);

/** An end holds the length and the modeled bits: `-1 - end` is length × 4 + bits. */
const endOf = (bits: number, highest: number): number => -1 - (bits * 4 + highest);
const known = (bits: number): number => (bits > 1 ? HIGHEST + bits * 4 + 1 : endOf(bits, 0));

function link(node: number, [zero, one]: readonly [number, number]): void {
  NEXT[2 * node] = zero;
  NEXT[2 * node + 1] = one;
}

for (let expected = 0; expected <= MOST_BITS; expected++) {
  const row = expected * STRIDE;
  const from = rootOf(expected) - row;
  for (let n = from; n < MOST_BITS; n++) {
    const longer = n + 1 < MOST_BITS ? row + n + 1 : known(MOST_BITS);
    const not = n > from ? known(n) : from > 0 ? SHORTER + row + from : known(0);
    link(row + n, [not, longer]);
  }
  for (let n = from; n > 0; n--) link(SHORTER + row + n, [known(n), n > 1 ? SHORTER + row + n - 1 : known(0)]);
}
for (let bits = 2; bits <= MOST_BITS; bits++) {
  const row = HIGHEST + bits * 4;
  link(row + 1, bits === 2 ? [endOf(bits, 0), endOf(bits, 1)] : [row + 2, row + 3]);
  for (const first of [0, 1]) link(row + 2 + first, [endOf(bits, first * 2), endOf(bits, first * 2 + 1)]);
}

/** The decision at a node on the way to a size of `bits` bits, of which `highest` are the first three; of two bits, and a zero. */
export function decisionAt(node: number, bits: number, highest: number): boolean {
  if (node < SHORTER) return bits > node % STRIDE;
  if (node < HIGHEST) return bits < node % STRIDE;
  return (highest & (node % 4 === 1 ? 2 : 1)) !== 0;
}

/** Sets `value` at every node that residuals of up to `bits` bits lead to. */
export function fillNodes(nodes: Int32Array, value: number, bits: number): void {
  for (const begin of [0, SHORTER]) nodes.fill(value, begin, begin + (bits + 1) * STRIDE);
  nodes.fill(value, HIGHEST, HIGHEST + (bits + 1) * 4);
}

/** Bits of a size of `bits` bits that follow the modeled ones. */
export const plainBits = (bits: number): number => (bits > 1 + MODELED_BITS ? bits - 1 - MODELED_BITS : 0);
