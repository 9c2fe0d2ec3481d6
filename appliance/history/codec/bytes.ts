const utf8 = new TextEncoder();
const text = new TextDecoder();
const double = new DataView(new ArrayBuffer(8));

/** Input ended early or a number is out of bounds: the bytes are not what was written. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'undecodable';
}

/** Folds the sign into the lowest bit, so that small negatives are small numbers: 0, -1, 1, -2 → 0, 1, 2, 3. |v| ≤ 2^52. */
export const zigzag = (v: number): number => (v >= 0 ? v * 2 : -v * 2 - 1);
export const unzigzag = (u: number): number => (u % 2 === 0 ? u / 2 : -(u + 1) / 2);

/** Writes bytes one after the other into a buffer that grows. */
export class ByteWriter {
  #bytes: Uint8Array;
  #at = 0;

  constructor(room = 1024) {
    this.#bytes = new Uint8Array(room);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  /** LEB128 of an integer from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    // Bit operations are several times faster, and hold for what nearly every value is.
    while (rest >= 2 ** 31) {
      this.#bytes[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  signed(value: number): void {
    this.varint(zigzag(value));
  }

  float64(value: number): void {
    double.setFloat64(0, value, true);
    this.bytes(new Uint8Array(double.buffer));
  }

  bytes(data: Uint8Array): void {
    this.#reserve(data.length);
    this.#bytes.set(data, this.#at);
    this.#at += data.length;
  }

  /** The next bytes, to be filled; a view, good until the next write. */
  room(length: number): Uint8Array {
    this.#reserve(length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  string(value: string): void {
    const data = utf8.encode(value);
    this.varint(data.length);
    this.bytes(data);
  }

  /** Begins anew, in the same buffer. */
  clear(): void {
    this.#at = 0;
  }

  /** What was written so far; a view, good until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(room: number): void {
    if (this.#at + room <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + room));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

/** Reads what `ByteWriter` wrote; fails with `DecodeError` at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new DecodeError('the bytes end early');
    return value;
  }

  varint(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let weight = 0x80, count = 1; count < 8; weight *= 0x80, count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
    }
    throw new DecodeError('a number is too long');
  }

  /** As many numbers into `out`; in one loop, because a log has millions of them. */
  varints(out: Float64Array, count: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < count; i++) {
      const first = bytes[at++] ?? 0;
      let value = first & 0x7f;
      for (let more = first, weight = 0x80; more >= 0x80; weight *= 0x80) {
        if (weight > 2 ** 49) throw new DecodeError('a number is too long');
        more = bytes[at++] ?? 0;
        value += (more & 0x7f) * weight;
      }
      out[i] = value;
    }
    this.#at = at;
    if (at > bytes.length) throw new DecodeError('the bytes end early');
  }

  signed(): number {
    return unzigzag(this.varint());
  }

  float64(): number {
    const data = this.bytes(8);
    for (let i = 0; i < 8; i++) double.setUint8(i, data[i] ?? 0);
    return double.getFloat64(0, true);
  }

  /** The next bytes; a view. */
  bytes(length: number): Uint8Array {
    const begin = this.#skip(length);
    return this.#bytes.subarray(begin, begin + length);
  }

  /** As many unsigned integers of `width` bytes, the lowest first, into `out`. */
  integers(out: Float64Array, count: number, width: number): void {
    const bytes = this.#bytes;
    let at = this.#skip(count * width);
    for (let i = 0; i < count; i++) {
      let value = bytes[at++] ?? 0;
      for (let n = 1, weight = 256; n < width; n++, weight *= 256) value += (bytes[at++] ?? 0) * weight;
      out[i] = value;
    }
  }

  /** How many bytes were read. */
  get at(): number {
    return this.#at;
  }

  /** What was read since then; a view. */
  from(begin: number): Uint8Array {
    return this.#bytes.subarray(begin, this.#at);
  }

  /** Reads over these bytes, if they come next. */
  skipIf(expected: Uint8Array): boolean {
    for (let n = 0; n < expected.length; n++) if (this.#bytes[this.#at + n] !== expected[n]) return false;
    this.#at += expected.length;
    return true;
  }

  #skip(length: number): number {
    const begin = this.#at;
    if (begin + length > this.#bytes.length) throw new DecodeError('the bytes end early');
    this.#at = begin + length;
    return begin;
  }

  string(): string {
    return text.decode(this.bytes(this.varint()));
  }

  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#at);
  }
}
