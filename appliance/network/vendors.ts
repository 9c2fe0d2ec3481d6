import { readFileSync } from 'node:fs';
import { isRandom, softwareOf } from './mac.ts';

/**
 * Who sold a card, offline: three tables of prefixes (36, 28 and 24 bits: MA-S, MA-M, MA-L of the IEEE), each sorted, each prefix with
 * the place of its name. The longest prefix that fits counts. `packVendors` in image/vendors.mjs writes the file:
 * `RVOU`, for each table its count (u32) and entries of 8 bytes (prefix in 5, place of the name in 3), then the names, each with its
 * length (u8) before it.
 */
export class Vendors {
  readonly #bytes: Buffer;
  readonly #tables: { bits: number; at: number; count: number }[] = [];
  readonly #namesAt: number;

  constructor(bytes: Buffer) {
    if (bytes.subarray(0, 4).toString('latin1') !== 'RVOU') throw new Error('this is no table of vendors');
    this.#bytes = bytes;
    let at = 4;
    for (const bits of [36, 28, 24]) {
      const count = bytes.readUInt32BE(at);
      this.#tables.push({ bits, at: at + 4, count });
      at += 4 + count * ENTRY;
    }
    this.#namesAt = at;
  }

  /** Undefined for one that nobody registered, and for one that software made up. */
  of(mac: string): string | undefined {
    const software = softwareOf(mac);
    if (software !== undefined || isRandom(mac)) return software;
    const value = Number.parseInt(mac.replaceAll(':', ''), 16);
    if (!Number.isSafeInteger(value)) return undefined;
    for (const { bits, at, count } of this.#tables) {
      const place = this.#find(Math.floor(value / 2 ** (48 - bits)), at, count);
      if (place !== undefined) return this.#name(place);
    }
    return undefined;
  }

  #find(prefix: number, at: number, count: number): number | undefined {
    let [low, high] = [0, count - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const entry = at + middle * ENTRY;
      const found = this.#bytes.readUIntBE(entry, 5);
      if (found === prefix) return this.#bytes.readUIntBE(entry + 5, 3);
      if (found < prefix) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  #name(place: number): string {
    const at = this.#namesAt + place;
    const length = this.#bytes.readUInt8(at);
    return this.#bytes.subarray(at + 1, at + 1 + length).toString('utf8');
  }
}
const ENTRY = 8;

/** The table in a file, read when the first name is asked for; without it vendors are unknown, which `onMissing` hears once. */
export function vendorsOf(file: string, onMissing: (error: unknown) => void): (mac: string) => string | undefined {
  let opened: Vendors | 'missing' | undefined;
  return (mac) => {
    if (opened === undefined) {
      try {
        opened = new Vendors(readFileSync(file));
      } catch (error) {
        opened = 'missing';
        onMissing(error);
      }
    }
    return opened === 'missing' ? softwareOf(mac) : opened.of(mac);
  };
}
