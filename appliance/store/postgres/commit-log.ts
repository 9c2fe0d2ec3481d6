import { crc32 } from 'node:zlib';
import type { Damage } from '../errors.ts';
import type { Commit, CommitLog } from '../history-engine.ts';
import type { StoreLog } from '../store-log.ts';
import type { Database } from './database.ts';

/** What every part of history in a database works with. */
export interface DatabaseParts {
  database: Database;
  log: StoreLog;
  onDamage: (damage: Damage) => void;
}

interface Segment {
  /** Number of its first commit. */
  id: number;
  last: number;
  bytes: number;
}

/** So many commits are read at once when a log is replayed; one is a few kilobytes, and a megabyte at most. */
const PAGE = 50;

const PUT = `
insert into reeve.commits (lane, number, segment, payload, crc) values ($1, $2, $3, $4, $5)
on conflict (lane, number) do update set segment = excluded.segment, payload = excluded.payload, crc = excluded.crc`;

type Stored = { number: number; payload: Buffer; crc: number };

/** Commits of one lane as rows of a table; a new segment after each start, rotation and failure. */
export class PostgresCommitLog implements CommitLog {
  readonly #parts: DatabaseParts;
  readonly #lane: string;
  #segments: Segment[];
  #open: Segment | undefined;

  private constructor(parts: DatabaseParts, lane: string, segments: Segment[]) {
    this.#parts = parts;
    this.#lane = lane;
    this.#segments = segments;
  }

  static async open(parts: DatabaseParts, lane: string): Promise<PostgresCommitLog> {
    const segments = await parts.database.read<{ id: number; last: number; bytes: number }>(
      `select segment as id, max(number) as last, sum(octet_length(payload))::bigint as bytes
      from reeve.commits where lane = $1 group by segment order by segment`,
      [lane],
    );
    return new PostgresCommitLog(parts, lane, segments);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async *replay(): AsyncIterable<Commit> {
    const end = this.#segments.reduce((most, { last }) => Math.max(most, last), 0);
    let last = 0;
    for (let page = await this.#page(0, end); page.length > 0; page = await this.#page(last, end)) {
      for (const { number, payload, crc } of page) {
        if (last > 0 && number > last + 1) this.#report(`commits ${last + 1} to ${number - 1} are missing`);
        last = number;
        if (crc32(payload) === crc) yield { number, payload };
        else this.#report(`commit ${number} is damaged and was left out`);
      }
    }
  }

  /** A try whose answer was lost may be there: the next one takes its place, in a segment of its own. */
  async append({ number, payload }: Commit): Promise<void> {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const segment = this.#open ?? this.#begin(number);
    const { last } = segment;
    segment.last = number;
    try {
      await this.#parts.database.write(PUT, [this.#lane, number, segment.id, bytes, crc32(bytes)]);
    } catch (error) {
      segment.last = last;
      this.#open = undefined;
      if (segment.id === number) this.#segments = this.#segments.filter((each) => each !== segment);
      throw error;
    }
    segment.bytes += bytes.length;
  }

  async rotate(): Promise<void> {
    this.#open = undefined;
  }

  async dropThrough(number: number): Promise<void> {
    const dropped = this.#segments.filter((segment) => segment !== this.#open && segment.last <= number);
    if (dropped.length === 0) return;
    await this.#parts.database.write('delete from reeve.commits where lane = $1 and segment = any($2::bigint[])', [
      this.#lane,
      dropped.map(({ id }) => id),
    ]);
    this.#segments = this.#segments.filter((segment) => !dropped.includes(segment));
  }

  #begin(number: number): Segment {
    const begun = { id: number, last: 0, bytes: 0 };
    this.#segments.push(begun);
    this.#open = begun;
    return begun;
  }

  #page(after: number, through: number): Promise<Stored[]> {
    return this.#parts.database.read<Stored>(
      `select number, payload, crc from reeve.commits
      where lane = $1 and number > $2 and number <= $3 order by number limit ${PAGE}`,
      [this.#lane, after, through],
    );
  }

  #report(reason: string): void {
    this.#parts.onDamage({ file: `log/${this.#lane}`, reason });
    this.#parts.log.error({ lane: this.#lane }, `The history log is damaged: ${reason}`);
  }
}
