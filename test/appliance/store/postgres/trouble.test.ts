import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DataDirectoryError, StorageError } from '../../../../appliance/store/errors.ts';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { type DatabaseOptions, openDatabase } from '../../../../appliance/store/postgres/connect.ts';
import type { Database } from '../../../../appliance/store/postgres/database.ts';
import { cuttingProxy } from '../../../helpers/cutting-proxy.ts';
import { PASSWORD, usePostgres } from '../../../helpers/postgres.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { until } from '../../../helpers/until.ts';

const server = usePostgres();

async function open(url: string, more: Partial<DatabaseOptions> = {}): Promise<Database> {
  const database = await openDatabase({ address: parseAddress(url), log: keepingLog(), patienceMs: 0, ...more });
  onTestFinished(() => database.close());
  return database;
}

const put = (id: string) => ["insert into reeve.records (id, body, crc) values ($1, 'x', 1)", [id]] as const;
const ids = async (database: Database): Promise<unknown[]> =>
  (await database.read('select id from reeve.records order by id')).map(({ id }) => id);
const nameIn = (url: string): string => new URL(url).pathname.slice(1);
const isBack = (database: Database): Promise<unknown> =>
  until(() => database.trouble() === undefined, { what: 'writing goes on', timeoutMs: 20_000 });

const isLost = ({ lines }: { lines: string[] }): Promise<unknown> =>
  until(() => lines.some((line) => line.includes('is lost')), { what: 'the loss is noticed' });

/** Ends every connection of the role `reeve`, as an administrator does. */
const cutAll = (url: string) =>
  server.sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${nameIn(url)}'`);

/** Holds the lock of a database as somebody else, until the test has finished or `end`. */
async function holdLock(url: string): Promise<{ end(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url, application_name: 'a thief' });
  await client.connect();
  client.on('error', () => undefined);
  onTestFinished(() => client.end());
  await client.query(`set statement_timeout = '10s'; select pg_advisory_lock(${0x72_65_65_76})`);
  return { end: async () => void (await client.query('select pg_advisory_unlock_all()')) };
}

describe('a connection that is lost', () => {
  test('in the middle of a transaction leaves nothing of it, and what it was about fails in words', async () => {
    const database = await open(await server.database());
    await database.write(...put('before'));
    const broken = database.transaction(async (query) => {
      await query(...put('a'));
      onTestFinished(() => server.start());
      await server.kill();
      await query(...put('b'));
    });
    await expect(broken).rejects.toBeInstanceOf(StorageError);
    await expect(broken).rejects.toThrow('the connection was cut');
    await server.start();
    await isBack(database);
    expect(await ids(database)).toEqual(['before']);
  });

  test('while nobody speaks is made anew, and neither reading nor writing fails after it', async () => {
    const url = await server.database();
    const log = keepingLog();
    const database = await open(url, { log });
    await Promise.all(Array.from({ length: 4 }, () => ids(database)));
    await cutAll(url);
    await isLost(log);
    await database.write(...put('a'));
    expect(await ids(database)).toEqual(['a']);
    expect(database.trouble()).toBeUndefined();
  });

  test('without the server hearing of it does not keep this appliance out: its own dead connection gives way', async () => {
    const proxy = await cuttingProxy(server.port);
    onTestFinished(() => proxy.close());
    const url = new URL(await server.database());
    url.port = String(proxy.port);
    const log = keepingLog();
    const database = await open(url.href, { log });
    await database.write(...put('a'));
    proxy.cut();
    await isLost(log);
    await isBack(database);
    await database.write(...put('b'));
    expect(await ids(database)).toEqual(['a', 'b']);
  });
});

describe('a lock that somebody else has taken meanwhile', () => {
  test('is named by every write, until it is free', async () => {
    const url = await server.database();
    const log = keepingLog();
    const database = await open(url, { log });
    // The thief waits for the lock, and gets it in the moment in which we lose it.
    const stolen = holdLock(url);
    await until(
      async () =>
        (
          await server.sql(
            `select 1 from pg_stat_activity where application_name = 'a thief' and wait_event_type = 'Lock'`,
          )
        ).length > 0,
      { what: 'the thief waits' },
    );
    await server.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${nameIn(url)}' and application_name like 'reeve %'`,
    );
    const thief = await stolen;
    await until(() => database.trouble()?.includes('"a thief"'), { what: 'the thief is named' });
    await expect(database.write(...put('a'))).rejects.toThrow(
      /is in use by "a thief" from 127\.0\.0\.1 since .* UTC .* stop the other one/,
    );
    await expect(database.transaction((query) => query(...put('a')))).rejects.toBeInstanceOf(StorageError);
    expect(await ids(database)).toEqual([]);
    await thief.end();
    await isBack(database);
    await database.write(...put('a'));
    expect(await ids(database)).toEqual(['a']);
  });

  test('by the process before this one is waited for', async () => {
    const url = await server.database();
    const former = await open(url);
    const log = keepingLog();
    const opening = open(url, { log, patienceMs: 20_000 });
    await until(() => log.lines.length > 0, { what: 'it is told of' });
    await former.close();
    await (await opening).write(...put('a'));
    expect(log.lines.join()).toContain('is in use by');
  });

  test('and another appliance that has been at the database keep this one from writing for good', async () => {
    const url = await server.database();
    const database = await open(url);
    const proxyless = parseAddress(url);
    const second = await (async () => {
      for (;;) {
        await cutAll(url);
        try {
          return await openDatabase({ address: proxyless, log: keepingLog(), patienceMs: 0 });
        } catch {
          // The first one was quicker.
        }
      }
    })();
    await second.write(...put('theirs'));
    await second.close();
    await until(() => database.trouble()?.includes('Another appliance has written'), { what: 'it is noticed' });
    await expect(database.write(...put('ours'))).rejects.toThrow('start this one anew');
    expect(await ids(database)).toEqual(['theirs']);
  });

  test('and another appliance that was refused do not keep this one from writing', async () => {
    const url = await server.database();
    const database = await open(url);
    let asked = 0;
    const mayUse = async () => {
      asked += 1;
      throw new DataDirectoryError('not-here', 'it belongs to another');
    };
    while (asked === 0) {
      await cutAll(url);
      await openDatabase({ address: parseAddress(url), log: keepingLog(), patienceMs: 0, mayUse }).catch(
        () => undefined,
      );
    }
    await isBack(database);
    await database.write(...put('ours'));
    expect(await ids(database)).toEqual(['ours']);
  });

  test('is not needed to refuse a database: nothing is made in it', async () => {
    const url = await server.database();
    const refused = new DataDirectoryError('gone', 'it is another one, and empty');
    await expect(open(url, { mayUse: () => Promise.reject(refused) })).rejects.toBe(refused);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    onTestFinished(() => client.end());
    expect((await client.query("select to_regnamespace('reeve') there")).rows).toEqual([{ there: null }]);
  });
});

describe('a server', () => {
  test('that hangs holds nobody up for longer than the limit, and is used again when it goes on', async () => {
    const database = await open(await server.database(), { limitMs: 700 });
    await database.write(...put('a'));
    await ids(database);
    server.freeze();
    onTestFinished(() => server.thaw());
    const from = performance.now();
    const tries = [database.write(...put('b')), ids(database), database.moment((query) => query('select 1'))];
    for (const trying of await Promise.allSettled(tries))
      expect(String(Reflect.get(trying, 'reason'))).toMatch(/did not answer within 0\.7 s|it does not answer/);
    expect(performance.now() - from).toBeLessThan(5_000);
    server.thaw();
    await isBack(database);
    await database.write(...put('c'));
    expect(await ids(database)).toContain('c');
  });

  test('that hangs does not keep the appliance from stopping', async () => {
    const database = await open(await server.database(), { limitMs: 700 });
    await ids(database);
    server.freeze();
    onTestFinished(() => server.thaw());
    const from = performance.now();
    await database.close();
    expect(performance.now() - from).toBeLessThan(8_000);
  });

  test('that is slow with one statement gives that one up, and goes on with the next', async () => {
    const database = await open(await server.database(), { limitMs: 1_000 });
    await expect(database.write('select pg_sleep(20)')).rejects.toThrow('the server took too long');
    await database.write(...put('a'));
    expect(await ids(database)).toEqual(['a']);
  });

  test('that starts later than the appliance is waited for, which the log says once', async () => {
    const url = await server.database();
    onTestFinished(() => server.start());
    await server.stop();
    const log = keepingLog();
    const opening = open(url, { log, patienceMs: 60_000 });
    await until(() => log.lines.length > 0, { what: 'the log tells of it' });
    await server.start();
    await (await opening).write(...put('a'));
    expect(log.lines.join('\n')).toMatch(
      /^Waiting for the database: test_\w+ on 127\.0\.0\.1:\d+ cannot be reached: nothing listens there/,
    );
    expect(log.lines.filter((line) => line.startsWith('Waiting'))).toHaveLength(1);
  });

  test('whose reading is busy for too long says so', async () => {
    const database = await open(await server.database(), { limitMs: 2_000 });
    const busy = Array.from({ length: 4 }, () => database.read('select pg_sleep(1.3)'));
    const waiting = Array.from({ length: 6 }, () => database.read('select pg_sleep(1.3)'));
    await Promise.all(busy);
    const failed = (await Promise.allSettled(waiting)).flatMap((each) =>
      each.status === 'rejected' ? [String(each.reason)] : [],
    );
    expect(failed.length).toBeGreaterThanOrEqual(2);
    expect(failed.join()).toContain('all its connections are busy');
    expect(await ids(database)).toEqual([]);
  });

  test('that does not come keeps nobody waiting who has been told to stop', async () => {
    const url = await server.database();
    onTestFinished(() => server.start());
    await server.stop();
    const stopping = new AbortController();
    const log = keepingLog();
    const opening = open(url, { log, patienceMs: 60_000, stopping: stopping.signal });
    await until(() => log.lines.length > 0, { what: 'it waits' });
    stopping.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('that does not come is given up in time, with its place and the cure', async () => {
    const url = await server.database();
    await server.stop();
    onTestFinished(() => server.start());
    const opening = open(url, { patienceMs: 600 });
    await expect(opening).rejects.toThrow(
      / on 127\.0\.0\.1:\d+ cannot be reached: nothing listens there: start PostgreSQL there, or mend the address \(REEVE_STORE\)$/,
    );
    await expect(opening).rejects.not.toThrow(PASSWORD);
  });

  test('that was made read-only takes nothing, says so, and is used again when it takes writes', async () => {
    const url = await server.database();
    const database = await open(url);
    await server.sql(`alter database ${nameIn(url)} set default_transaction_read_only = on`);
    await cutAll(url);
    await until(() => database.trouble()?.includes('takes no writes'), { what: 'it is noticed' });
    await expect(database.write(...put('a'))).rejects.toThrow('it is a standby, or was made read-only');
    await server.sql(`alter database ${nameIn(url)} reset default_transaction_read_only`);
    await isBack(database);
    await database.write(...put('a'));
  });

  test('whose disk is full says so, acknowledges nothing, and goes on when there is room', async () => {
    const url = await server.database();
    const database = await open(url);
    // The server’s own code for it.
    await server.sql(
      `create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;
       create trigger full_disk before insert on reeve.records execute function full_disk()`,
      nameIn(url),
    );
    await expect(database.write(...put('a'))).rejects.toMatchObject({ errno: '53100' });
    await expect(database.write(...put('a'))).rejects.toThrow(
      'the disk of the database server is full: free some space there',
    );
    expect(database.trouble()).toBeUndefined();
    await server.sql('drop trigger full_disk on reeve.records; drop function full_disk', nameIn(url));
    await database.write(...put('a'));
    expect(await ids(database)).toEqual(['a']);
  });

  test('that has no connection left for reading says so, and writing goes on', async () => {
    const url = await server.database();
    const database = await open(url);
    await server.sql('alter role reeve connection limit 1');
    onTestFinished(async () => void (await server.sql('alter role reeve connection limit -1')));
    await expect(ids(database)).rejects.toThrow('has no connection left');
    await database.write(...put('a'));
  });

  test('is not asked over more than five connections at once', async () => {
    const url = await server.database();
    const database = await open(url);
    const all = Array.from({ length: 40 }, (_, n) =>
      database.read<{ n: number }>('select $1::int n, pg_sleep(0.01)', [n]),
    );
    const most = async () =>
      Number((await server.sql(`select count(*) n from pg_stat_activity where datname = '${nameIn(url)}'`))[0]?.n);
    const seen = await most();
    expect((await Promise.all(all)).map(([row]) => row?.n)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(Math.max(seen, await most())).toBeLessThanOrEqual(5);
  });
});
