import { StorageError } from '../errors.ts';
import type { Query } from './database.ts';

export interface Body {
  body: Buffer;
  crc: number;
}

interface Asked {
  partition: string;
  number: number;
  resolve: (found: Body | undefined) => void;
  reject: (error: unknown) => void;
}

type Found = { at: number; body: Buffer; crc: number };

/** So many are fetched by one statement; one is some 20 KB. */
const MOST = 32;
/** PostgreSQL's codes for a page or an index that cannot be what was written. */
const DAMAGED = ['XX001', 'XX002'];

/** Each is looked up by its key: the planner might read the whole table for a few, as long as it does not know how large that is. */
const FETCH = `
select a.at, c.body, c.crc from unnest($1::text[], $2::integer[]) with ordinality as a (partition, number, at)
cross join lateral (
  select body, crc from reeve.chunks where partition = a.partition and number = a.number limit 1) c`;

/** Fetches what is asked for at the same time with one statement: on the way to a server each answer takes its time. */
export class ChunkBodies {
  readonly #read: Query;
  #asked: Asked[] = [];

  constructor(read: Query) {
    this.#read = read;
  }

  /** Undefined when it is not there, or its page is damaged. Fails with `StorageError`. */
  fetch(partition: string, number: number): Promise<Body | undefined> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ partition, number, resolve, reject });
      if (this.#asked.length === 1) queueMicrotask(() => this.#send());
    });
  }

  #send(): void {
    const asked = this.#asked;
    this.#asked = [];
    for (let at = 0; at < asked.length; at += MOST) void this.#answer(asked.slice(at, at + MOST));
  }

  async #answer(asked: readonly Asked[]): Promise<void> {
    try {
      const keys = [asked.map(({ partition }) => partition), asked.map(({ number }) => number)];
      const found = new Map((await this.#read<Found>(FETCH, keys)).map((row) => [row.at, row]));
      for (const [at, { resolve }] of asked.entries()) resolve(found.get(at + 1));
    } catch (error) {
      if (!isDamaged(error)) for (const { reject } of asked) reject(error);
      else if (asked.length === 1) asked[0]?.resolve(undefined);
      else await Promise.all(asked.map((each) => this.#answer([each])));
    }
  }
}

const isDamaged = (error: unknown): boolean => error instanceof StorageError && DAMAGED.includes(error.errno);
