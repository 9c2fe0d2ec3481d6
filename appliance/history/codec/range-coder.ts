/**
 * An adaptive binary range coder (G. N. N. Martin, 1979; carries as in I. Pavlov's LZMA), in 31 bits, so that every number is a
 * small integer to the engine. Each decision has a model that learns how likely a one is; what was likely costs little.
 */
export const FULL_RANGE = 0x7fff_ffff;
export const LEAST_RANGE = 0x80_0000;
/** A model holds the chance of a one in parts of 2^15, and below it in seven bits how often it was asked. */
export const CHANCE_BITS = 15;
export const SEEN_BITS = 7;
export const SEEN_MASK = 0x7f;
/** A model that knows nothing. */
export const FRESH = 0x4000 << SEEN_BITS;
/** No chance gets nearer to never or always than this: the other must still have a code. */
export const LEAST_CHANCE = 64;
export const MOST_CHANCE = 0x8000 - 64;

/** A model moves by 1 ÷ (times asked + 1.6) of the way: at first it jumps, later it hardly moves. In parts of 2^16. */
export const MOST_SEEN = 120;
export const RATES: Int32Array = Int32Array.from({ length: SEEN_MASK + 1 }, (_, seen) =>
  Math.floor(2 ** 16 / (seen + 1.6)),
);

/** What a model is after a decision. The decoder has the same, written for speed. */
function learnt(model: number, one: boolean): number {
  const chance = model >> SEEN_BITS;
  const seen = model & SEEN_MASK;
  const moved = chance + ((((one ? MOST_CHANCE : LEAST_CHANCE) - chance) * (RATES[seen] ?? 0)) >> 16);
  return (moved << SEEN_BITS) | (seen < MOST_SEEN ? seen + 1 : seen);
}

/** Writes decisions as bits. `readResiduals` has the other half. */
export class RangeEncoder {
  #bytes = new Uint8Array(4096);
  #at = 0;
  #low = 0;
  #range = FULL_RANGE;
  /** The last byte, held back because a carry may still reach it (once at most); −1 before the first. */
  #held = -1;
  /** How many bytes of 255 follow the held one. */
  #full = 0;

  /** One decision by `models[number]`, which learns it. */
  bit(models: Int32Array, number: number, one: boolean): void {
    const model = models[number] ?? FRESH;
    const bound = (this.#range >>> CHANCE_BITS) * (model >> SEEN_BITS);
    if (one) this.#range = bound;
    else {
      this.#raise(bound);
      this.#range -= bound;
    }
    models[number] = learnt(model, one);
    while (this.#range < LEAST_RANGE) this.#shift();
  }

  /** `width` ≤ 12 bits that are as likely one way as the other. */
  plain(value: number, width: number): void {
    this.#range >>>= width;
    this.#raise(this.#range * value);
    while (this.#range < LEAST_RANGE) this.#shift();
  }

  /** The bytes, as few as lead to the same decisions when zeros follow; a copy. The encoder is as new afterwards. */
  take(): Uint8Array {
    const most = this.#low + this.#range - 1;
    let zeros = 30;
    while (most - (most % 2 ** zeros) < this.#low) zeros -= 1;
    this.#raise(most - (most % 2 ** zeros) - this.#low);
    for (let n = 0; n < 5; n++) this.#shift();
    let length = this.#at;
    while (length > 0 && this.#bytes[length - 1] === 0) length -= 1;
    const taken = this.#bytes.slice(0, length);
    this.#at = 0;
    this.#low = 0;
    this.#range = FULL_RANGE;
    this.#held = -1;
    this.#full = 0;
    return taken;
  }

  /** Adds to the lower end; what does not fit carries into the bytes that are held back. */
  #raise(by: number): void {
    this.#low = (this.#low + by) | 0;
    if (this.#low >= 0) return;
    this.#low &= FULL_RANGE;
    this.#held += 1;
    if (this.#full === 0) return;
    this.#put(this.#held);
    for (; this.#full > 1; this.#full--) this.#put(0);
    this.#held = 0;
    this.#full = 0;
  }

  #shift(): void {
    const byte = this.#low >>> 23;
    if (byte === 0xff) this.#full += 1;
    else {
      if (this.#held >= 0) this.#put(this.#held);
      for (; this.#full > 0; this.#full--) this.#put(0xff);
      this.#held = byte;
    }
    this.#low = (this.#low & (LEAST_RANGE - 1)) << 8;
    this.#range <<= 8;
  }

  #put(byte: number): void {
    if (this.#at === this.#bytes.length) {
      const larger = new Uint8Array(this.#at * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#at++] = byte;
  }
}
