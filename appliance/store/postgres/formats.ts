import { randomUUID } from 'node:crypto';
import { DataDirectoryError, StorageError } from '../errors.ts';
import type { Database, Query } from './database.ts';
import type { Session } from './session.ts';
import { TABLES } from './tables.ts';
import { troubleOf } from './trouble.ts';

/** The format of the tables that this program writes. */
export const FORMAT = 1;
const OLDEST_SERVER = 130_000;

/** What a database says of itself; `term` grows with each start of an appliance on it. */
export interface About {
  readonly id: string;
  readonly term: number;
}

/**
 * Refuses a server that could not keep what it is given. `pid` is the process that the server named when it was connected to. Fails
 * with `StorageError`.
 */
export async function checkServer(
  { query, pid }: Pick<Session, 'query' | 'pid'>,
  place: string,
): Promise<{ isUnsafe: boolean }> {
  const [row] = await query<{ version: string; encoding: string; fsync: string; closed: string; pid: number }>(
    `select current_setting('server_version_num') version, current_setting('server_encoding') encoding,
       current_setting('fsync') fsync, current_setting('transaction_read_only') closed, pg_backend_pid() pid`,
  );
  if (!row) throw unusable(place, 'it says nothing of itself');
  // Between two statements it may change the connection, and the lock is gone.
  if (row.pid !== pid) throw unusable(place, 'a pooler of connections stands before it: name the server itself');
  if (Number(row.version) < OLDEST_SERVER) throw unusable(place, 'PostgreSQL 13 or newer is needed: update the server');
  if (row.encoding !== 'UTF8')
    throw unusable(place, `the encoding of the database is ${row.encoding}: make one with ENCODING 'UTF8'`);
  if (row.closed === 'on') throw troubleOf(`${place} cannot be used`, Object.assign(new Error(), { code: '25006' }));
  return { isUnsafe: row.fsync === 'off' };
}

/** Fails where a database is not to be used; `query` only reads. */
export type MayUse = (about: Pick<Database, 'id' | 'place'>, query: Query) => Promise<void>;

/**
 * Makes the tables where there are none, and counts this start: one that is refused must not count, or the appliance that the database
 * belongs to would take it for another writer. To be called with the lock held, in a transaction. Fails with `DataDirectoryError`.
 */
export async function beginTerm(query: Query, place: string, mayUse?: MayUse): Promise<About> {
  const [found] = await query<{ about: string | null; schema: string | null }>(
    `select to_regclass('reeve.about')::text about, to_regnamespace('reeve')::text schema`,
  );
  if (!found?.schema) await query('create schema reeve');
  if (!found?.about) {
    await query(TABLES);
    await query('insert into reeve.about (id, format, term) values ($1, $2, 0)', [randomUUID(), FORMAT]);
  }
  const [present] = await query<{ id: string; format: number }>('select id, format from reeve.about');
  if (present && present.format > FORMAT) throw tooNew(place, present.format);
  if (present) await mayUse?.({ id: present.id, place }, query);
  const [about] = await query<{ id: string; term: number }>(
    'update reeve.about set term = term + 1 returning id, term',
  );
  if (!about) throw unusable(place, 'it has lost its id: restore it from a backup');
  return about;
}

/** What the database says now, to be compared with what `beginTerm` said. */
export async function readAbout(query: Query): Promise<About | undefined> {
  return (await query<{ id: string; term: number }>('select id, term from reeve.about'))[0];
}

const unusable = (place: string, why: string): StorageError =>
  new StorageError(`${place} cannot be used`, new Error(why));

const tooNew = (place: string, present: number): DataDirectoryError =>
  new DataDirectoryError(
    'newer-format',
    `${place} was written by a newer Reeve (format ${present}; this program knows up to ${FORMAT}). Nothing was changed. ` +
      'Start the newer version again, or name another database (REEVE_STORE).',
  );
