import { createHash } from 'node:crypto';

const SUM_BYTES = 16;

interface Part {
  count: number;
  sum: Buffer;
}

/** How many things there are of each part, and a checksum over them that does not depend on their order. */
export class Tally {
  readonly #parts = new Map<string, Part>();

  add(name: string, ...pieces: readonly (string | Uint8Array)[]): void {
    const hash = createHash('sha256');
    for (const piece of pieces) hash.update(`${piece.length}:`).update(piece);
    const part = this.#parts.get(name) ?? { count: 0, sum: Buffer.alloc(SUM_BYTES) };
    const digest = hash.digest();
    for (let at = 0; at < SUM_BYTES; at++) part.sum[at] = (part.sum[at] ?? 0) ^ (digest[at] ?? 0);
    part.count += 1;
    this.#parts.set(name, part);
  }

  /** How many there are of the parts whose name begins so. */
  count(beginning: string): number {
    let sum = 0;
    for (const [name, { count }] of this.#parts) if (name.startsWith(beginning)) sum += count;
    return sum;
  }

  /** What differs, in words; nothing when both are the same. */
  differences(other: Tally): string[] {
    const names = [...new Set([...this.#parts.keys(), ...other.#parts.keys()])].sort();
    return names.flatMap((name) => {
      const [mine, theirs] = [this.#parts.get(name), other.#parts.get(name)];
      if (mine?.count !== theirs?.count) return [`${name}: ${mine?.count ?? 0} here, ${theirs?.count ?? 0} there`];
      return mine && theirs && mine.sum.equals(theirs.sum) ? [] : [`${name}: their content differs`];
    });
  }
}
