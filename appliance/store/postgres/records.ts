import { crc32 } from 'node:zlib';
import type { HistoryRecord, RecordStore } from '../history-engine.ts';
import type { DatabaseParts } from './commit-log.ts';

/** Records as rows of a table, each the text of its JSON: `jsonb` would refuse a NUL in a name. */
export class PostgresRecords implements RecordStore {
  readonly #parts: DatabaseParts;
  readonly #damaged = new Set<string>();
  #bytes: number;

  private constructor(parts: DatabaseParts, bytes: number) {
    this.#parts = parts;
    this.#bytes = bytes;
  }

  static async open(parts: DatabaseParts): Promise<PostgresRecords> {
    const [sum] = await parts.database.read<{ bytes: number }>(
      'select coalesce(sum(octet_length(body)), 0)::bigint as bytes from reeve.records',
    );
    return new PostgresRecords(parts, sum?.bytes ?? 0);
  }

  /** What they take, but for what was written while the answer was lost. */
  get bytes(): number {
    return this.#bytes;
  }

  async all(): Promise<HistoryRecord[]> {
    const rows = await this.#parts.database.read<{ id: string; body: string; crc: number }>(
      'select id, body, crc from reeve.records order by id',
    );
    return rows.flatMap(({ id, body, crc }) => {
      if (crc32(body) === crc) return [JSON.parse(body) as HistoryRecord]; // The checksum says that `put` wrote it.
      this.#report(id);
      return [];
    });
  }

  async put(records: readonly HistoryRecord[]): Promise<void> {
    if (records.length === 0) return;
    const written = new Map(records.map((record) => [record.id, JSON.stringify(record)]));
    const bodies = [...written.values()];
    const [change] = await this.#parts.database.write<{ bytes: number }>(
      `with before as (select coalesce(sum(octet_length(body)), 0) as bytes from reeve.records where id = any($1::text[])),
      put as (
        insert into reeve.records select * from unnest($1::text[], $2::text[], $3::bigint[])
        on conflict (id) do update set body = excluded.body, crc = excluded.crc returning octet_length(body) as bytes)
      select ((select coalesce(sum(bytes), 0) from put) - (select bytes from before))::bigint as bytes`,
      [[...written.keys()], bodies, bodies.map((body) => crc32(body))],
    );
    this.#bytes += change?.bytes ?? 0;
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const gone = await this.#parts.database.write<{ bytes: number }>(
      'delete from reeve.records where id = any($1::text[]) returning octet_length(body) as bytes',
      [ids],
    );
    this.#bytes -= gone.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #report(id: string): void {
    if (this.#damaged.has(id)) return;
    this.#damaged.add(id);
    this.#parts.onDamage({ file: 'records', reason: `${id} is damaged and was left out` });
    this.#parts.log.error({ record: id }, 'A record of history is damaged');
  }
}
