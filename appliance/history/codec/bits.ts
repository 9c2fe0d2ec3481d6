/** Writes bit fields, highest bit first. */
export class BitWriter {
  #bytes = new Uint8Array(4096);
  #at = 0;
  #held = 0;
  #count = 0;

  /** The lowest `width` bits of `value`; width ≤ 24. */
  put(value: number, width: number): void {
    this.#held = (this.#held << width) | value;
    this.#count += width;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#byte((this.#held >>> this.#count) & 0xff);
    }
    this.#held &= (1 << this.#count) - 1;
  }

  /** As `put`, for integers of up to 53 bits. */
  putWide(value: number, width: number): void {
    let rest = value;
    for (let left = width; left > 0; ) {
      const step = Math.min(24, left);
      left -= step;
      const weight = 2 ** left;
      const part = Math.floor(rest / weight);
      this.put(part, step);
      rest -= part * weight;
    }
  }

  /** The bytes so far, the last one filled up with zeros; a copy. The writer is empty afterwards. */
  take(): Uint8Array {
    if (this.#count > 0) this.#byte((this.#held << (8 - this.#count)) & 0xff);
    const taken = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    this.#held = 0;
    this.#count = 0;
    return taken;
  }

  #byte(value: number): void {
    if (this.#at === this.#bytes.length) {
      const larger = new Uint8Array(this.#at * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#at++] = value;
  }
}

/** Reads what `BitWriter` wrote; behind the end there are only zeros. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #held = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** width ≤ 24. */
  get(width: number): number {
    if (width === 0) return 0;
    while (this.#count < width) this.#more();
    this.#count -= width;
    const value = (this.#held >>> this.#count) & ((1 << width) - 1);
    this.#held &= (1 << this.#count) - 1;
    return value;
  }

  getWide(width: number): number {
    let value = 0;
    for (let left = width; left > 0; ) {
      const step = Math.min(24, left);
      value = value * 2 ** step + this.get(step);
      left -= step;
    }
    return value;
  }

  /** Ones before the next zero, which is read too; at `limit` ones it stops without a zero. limit ≤ 16. */
  ones(limit: number): number {
    while (this.#count < 17) this.#more();
    const found = Math.min(limit, Math.clz32(~(this.#held << (32 - this.#count))));
    this.#count -= found < limit ? found + 1 : limit;
    this.#held &= (1 << this.#count) - 1;
    return found;
  }

  #more(): void {
    this.#held = (this.#held << 8) | (this.#bytes[this.#at++] ?? 0);
    this.#count += 8;
  }
}
