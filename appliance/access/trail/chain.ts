import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Entry, Mark, Sealed } from './documents.ts';

/** JSON with sorted keys: equal values have equal texts, whatever way they took (RFC 8785 for what JSON.parse yields). */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`;
}

/** HMAC-SHA-256 over a label and a text, so that no hash of one kind passes for one of another. */
function mac(key: Buffer, label: string, text: string): string {
  return createHmac('sha256', key).update(`reeve-trail-v1\0${label}\0${text}`).digest('base64url');
}

/** The hash of an entry; `prev` is inside, so that each one vouches for all before it. */
export function hashOf(key: Buffer, entry: Sealed): string {
  const { id, siteId, seq, at, who, from, what, detail, before, after, prev } = entry;
  return mac(key, 'entry', canonical({ id, siteId, seq, at, who, from, what, detail, before, after, prev }));
}

export function macOf(
  key: Buffer,
  kind: 'head' | 'anchor',
  { seq, hash, at }: Pick<Mark, 'seq' | 'hash' | 'at'>,
): string {
  return mac(key, kind, canonical({ seq, hash, at }));
}

export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** A place in the chain: the number of an entry, and its hash. */
export interface Place {
  seq: number;
  hash: string;
}

/** Something that is wrong with the chain, at an entry or a hole. */
export interface Flaw {
  seq: number;
  text: string;
}

/** No mark says where the chain ends. */
export const headMissing = (seq: number): Flaw => ({
  seq,
  text: 'the mark of the newest entry is missing, so that newer ones may have been cut off',
});

const MOST_FLAWS = 20;

/** Walks a chain in order, one entry after the other, and keeps what is wrong with it. */
export class Walk {
  readonly flaws: Flaw[] = [];
  /** Entries that were looked at. */
  entries = 0;
  readonly #keyOf: (seq: number) => Buffer | undefined;
  #seq: number;
  #hash: string;

  /** Begins behind `start`; `keyOf` answers undefined for entries whose key is gone. */
  constructor(start: Place, keyOf: (seq: number) => Buffer | undefined) {
    this.#seq = start.seq;
    this.#hash = start.hash;
    this.#keyOf = keyOf;
  }

  /** The last entry so far. */
  get end(): Place {
    return { seq: this.#seq, hash: this.#hash };
  }

  step(entry: Entry): void {
    this.entries++;
    if (entry.seq <= this.#seq) {
      this.flaw(entry.seq, `an entry stands twice: ${entry.what} by ${entry.who}`);
      return;
    }
    const isNext = entry.seq === this.#seq + 1;
    if (!isNext) this.missing(entry.seq - 1);
    const key = this.#keyOf(entry.seq);
    if (key && !isSame(hashOf(key, entry), entry.hash))
      this.flaw(entry.seq, `the entry was changed: ${entry.what} by ${entry.who}`);
    else if (isNext && entry.prev !== this.#hash) this.flaw(entry.seq, 'it does not follow from the entry before it');
    this.#seq = entry.seq;
    this.#hash = entry.hash;
  }

  /** Says that everything up to `seq` should have been there. */
  missing(seq: number): void {
    const first = this.#seq + 1;
    if (seq < first) return;
    this.flaw(first, first === seq ? `entry ${seq} is missing` : `entries ${first} to ${seq} are missing`);
  }

  flaw(seq: number, text: string): void {
    if (this.flaws.length < MOST_FLAWS) this.flaws.push({ seq, text });
  }
}
