import { damaged, LONGEST_LINE } from './format.ts';

/** Reads lines and stretches of bytes from a stream, and holds no more than one piece of it. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** Up to and with the next line break; undefined at the end of the stream. Fails on a line over 4 KiB. */
  async line(): Promise<Uint8Array | undefined> {
    let line = new Uint8Array();
    for (;;) {
      if (this.#held.length === 0 && !(await this.#more())) {
        if (line.length === 0) return undefined;
        throw damaged('it ends within a line');
      }
      const at = this.#held.indexOf(10);
      const taken = this.#take(at < 0 ? this.#held.length : at + 1);
      line = line.length === 0 ? Uint8Array.from(taken) : Uint8Array.from(Buffer.concat([line, taken]));
      if (line.length > LONGEST_LINE) throw damaged('a line is too long');
      if (at >= 0) return line;
    }
  }

  /** Exactly `count` bytes, piece by piece. */
  async *bytes(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      if (this.#held.length === 0 && !(await this.#more())) throw damaged('it ends too early');
      const taken = this.#take(Math.min(left, this.#held.length));
      left -= taken.length;
      yield taken;
    }
  }

  /** Up to `most` bytes as one, fewer only at the end of the stream. */
  async block(most: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < most && (this.#held.length > 0 || (await this.#more()))) {
      const taken = this.#take(Math.min(most - length, this.#held.length));
      parts.push(taken);
      length += taken.length;
    }
    return parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts);
  }

  /** Whatever follows. */
  async *rest(): AsyncGenerator<Uint8Array> {
    while (this.#held.length > 0 || (await this.#more())) yield this.#take(this.#held.length);
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  #take(count: number): Uint8Array {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const next = await this.#pieces.next();
      if (next.done) return false;
      this.#held = next.value;
      if (next.value.length > 0) return true;
    }
  }
}
