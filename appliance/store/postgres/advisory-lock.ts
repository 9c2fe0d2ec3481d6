import type { Query } from './database.ts';

/** `reeve` in letters; advisory locks count within one database. */
const KEY = 0x72_65_65_76;
const FIELDS = `l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())
  and l.classid = 0 and l.objid = ${KEY} and l.objsubid = 1 and l.granted`;

/** A connection of the server, told apart from a later one with the same process id. */
export interface Holder {
  readonly pid: number;
  readonly since: string;
}

/** Takes the lock that says who writes, for as long as the connection of `query` lives; answers whether it was free. */
export async function takeLock(query: Query): Promise<boolean> {
  const [row] = await query<{ taken: boolean }>('select pg_try_advisory_lock($1) taken', [KEY]);
  return row?.taken === true;
}

/** The connection of `query` itself. */
export async function selfOf(query: Query): Promise<Holder> {
  const [row] = await query<{ pid: number; since: string }>(
    'select pid, backend_start::text since from pg_stat_activity where pid = pg_backend_pid()',
  );
  return row ?? { pid: 0, since: '' };
}

/** Who holds the lock, in words for people. What the server does not show to this user is left out. */
export async function holderOf(query: Query): Promise<string> {
  const [row] = await query<{ pid: number; name: string | null; client: string | null; since: string | null }>(
    `select l.pid, a.application_name name, host(a.client_addr) client,
       to_char(a.backend_start at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS') since
     from pg_locks l left join pg_stat_activity a on a.pid = l.pid where ${FIELDS}`,
  );
  if (!row) return 'somebody who has just left';
  const from = row.client ? ` from ${row.client}` : '';
  const since = row.since ? ` since ${row.since} UTC` : '';
  return `${row.name ? JSON.stringify(row.name) : 'a connection'}${from}${since} (process ${row.pid} of the server)`;
}

/** Ends a connection that is still there on the server's side only, and answers whether it was. */
export async function endConnection(query: Query, { pid, since }: Holder): Promise<boolean> {
  const rows = await query(
    'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2',
    [pid, since],
  );
  return rows.length > 0;
}
