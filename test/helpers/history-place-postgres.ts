import { parseAddress } from '../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../appliance/store/postgres/connect.ts';
import type { Database } from '../../appliance/store/postgres/database.ts';
import { openPostgresHistory } from '../../appliance/store/postgres/history-engine.ts';
import { FailingWay } from './failing-database.ts';
import { type HistoryPlace, usePlaces } from './history-place.ts';
import { type PostgresServer, usePostgres } from './postgres.ts';
import { keepingLog } from './silent-log.ts';

/** In the order in which they lean on each other. */
const TABLES = ['partitions', 'chunks', 'commits', 'records'];

/** A database of its own, made when it is needed first. */
export function postgresPlace(server: PostgresServer, address = server.database()): HistoryPlace {
  const below = new FailingWay();
  return {
    engine: 'PostgreSQL',
    dir: '',
    below,
    signs: { marks: 'marks/', commit: 'into reeve.commits', chunks: 'into reeve.chunks' },
    async open({ log }) {
      const database = await openOn(await address);
      const engine = await openPostgresHistory({ database: below.to(database), log });
      return {
        ...engine,
        async close() {
          await engine.close().finally(() => database.close());
        },
      };
    },
    async copy() {
      const other = await server.database();
      await copyAll(server, nameOf(await address), other);
      return postgresPlace(server, Promise.resolve(other));
    },
  };
}

export const openOn = (address: string): Promise<Database> =>
  openDatabase({ address: parseAddress(address), log: keepingLog() });

export const nameOf = (address: string): string => new URL(address).pathname.slice(1);

/** Every history of this file lies on a server of its own. To be called before the tests are imported. */
export function runOnPostgres(): PostgresServer {
  const server = usePostgres({ settings: { fsync: 'off', max_connections: '300' } });
  usePlaces({ engine: 'PostgreSQL', make: () => postgresPlace(server) });
  return server;
}

/** The server copies whole databases only while nobody is connected to them. */
async function copyAll(server: PostgresServer, from: string, to: string): Promise<void> {
  const made = await openOn(to);
  const aggregates = TABLES.map((table) => `(select json_agg(t)::text from reeve.${table} t) as ${table}`);
  const [all = {}] = await server.sql(`select ${aggregates.join(', ')}`, from);
  for (const table of TABLES)
    await made.write(`insert into reeve.${table} select * from json_populate_recordset(null::reeve.${table}, $1)`, [
      all[table] ?? '[]',
    ]);
  await made.close();
}
