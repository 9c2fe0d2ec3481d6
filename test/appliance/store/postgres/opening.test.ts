import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { type DatabaseOptions, openDatabase } from '../../../../appliance/store/postgres/connect.ts';
import type { Database } from '../../../../appliance/store/postgres/database.ts';
import { cuttingProxy } from '../../../helpers/cutting-proxy.ts';
import { PASSWORD, startPostgres, usePostgres } from '../../../helpers/postgres.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';

const server = usePostgres();

async function open(url: string, more: Partial<DatabaseOptions> = {}): Promise<Database> {
  // A minute of patience: what is refused must be refused at once.
  const database = await openDatabase({ address: parseAddress(url), log: keepingLog(), patienceMs: 60_000, ...more });
  onTestFinished(() => database.close());
  return database;
}
const nameIn = (url: string): string => new URL(url).pathname.slice(1);
const changed = (url: string, change: (url: URL) => void): string => {
  const copy = new URL(url);
  change(copy);
  return copy.href;
};

describe('what can be mended by a person is refused at once, with the cure and without the password:', () => {
  test.each<[string, (url: string) => Promise<string> | string, string]>([
    [
      'a wrong password',
      (url) =>
        changed(url, (each) => {
          each.password = 'wrong';
        }),
      'set REEVE_STORE_PASSWORD',
    ],
    [
      'no password',
      (url) =>
        changed(url, (each) => {
          each.password = '';
        }),
      'it asks for a password: set REEVE_STORE_PASSWORD',
    ],
    [
      'an unknown user',
      (url) =>
        changed(url, (each) => {
          each.username = 'nobody';
        }),
      'user or password is wrong',
    ],
    [
      'an unknown database',
      (url) =>
        changed(url, (each) => {
          each.pathname = '/nowhere';
        }),
      'there is no such database',
    ],
    [
      'a database of somebody else',
      async (url) => {
        await server.sql(`create database theirs_${nameIn(url)}`);
        return changed(url, (each) => {
          each.pathname = `/theirs_${nameIn(url)}`;
        });
      },
      'let the database belong to it',
    ],
    [
      'another encoding',
      async (url) => {
        await server.sql(
          `create database latin_${nameIn(url)} owner reeve encoding latin1 locale 'C' locale_provider libc template template0`,
        );
        return changed(url, (each) => {
          each.pathname = `/latin_${nameIn(url)}`;
        });
      },
      'the encoding of the database is LATIN1',
    ],
    [
      'a user that the server keeps out',
      async (url) => {
        await server.sql(`alter role reeve nologin`);
        onTestFinished(async () => void (await server.sql(`alter role reeve login`)));
        return url;
      },
      'is not permitted to log in',
    ],
  ])('%s', async (_, spoil, words) => {
    const url = await spoil(await server.database());
    const from = performance.now();
    const opening = open(url);
    await expect(opening).rejects.toThrow(words);
    await expect(opening).rejects.not.toThrow(PASSWORD);
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  test('a pooler that gives each statement another connection', async () => {
    // The number of the server’s process is that of the pooler, as PgBouncer makes one up.
    const proxy = await cuttingProxy(server.port, (data) => {
      const at = data.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
      if (at >= 0) data.writeInt32BE(7, at + 5);
      return data;
    });
    onTestFinished(() => proxy.close());
    const url = changed(await server.database(), (each) => {
      each.port = String(proxy.port);
    });
    await expect(open(url)).rejects.toThrow('a pooler of connections stands before it');
  });

  test('a newer format, and nothing is changed', async () => {
    const url = await server.database();
    await (await open(url)).close();
    await server.sql('update reeve.about set format = 99', nameIn(url));
    const before = await server.sql('select * from reeve.about', nameIn(url));
    await expect(open(url)).rejects.toMatchObject({ code: 'newer-format' });
    await expect(open(url)).rejects.toThrow(
      'was written by a newer Reeve (format 99; this program knows up to 1). Nothing was changed.',
    );
    expect(await server.sql('select * from reeve.about', nameIn(url))).toEqual(before);
  });

  test('tables without their id', async () => {
    const url = await server.database();
    await (await open(url)).close();
    await server.sql('delete from reeve.about', nameIn(url));
    await expect(open(url)).rejects.toThrow('it has lost its id: restore it from a backup');
  });
});

describe('a database', () => {
  test('that somebody has prepared with a schema needs no right to make one', async () => {
    const url = await server.database();
    const name = nameIn(url);
    await server.sql('create schema reeve authorization reeve', name);
    await server.sql(`alter database ${name} owner to postgres; revoke create on database ${name} from public`);
    onTestFinished(async () => void (await server.sql(`alter database ${name} owner to reeve`)));
    const database = await open(url);
    expect(await database.read('select * from reeve.documents')).toEqual([]);
  });

  test('is reached over a Unix socket, too', async () => {
    const name = nameIn(await server.database());
    const url = `postgres://reeve@/${name}?host=${encodeURIComponent(server.folder)}&port=${server.port}`;
    const database = await open(url);
    expect(await database.read('select 1 one')).toEqual([{ one: 1 }]);
    expect(database.place).toBe(`${name} on ${server.folder}:${server.port}`);
  });

  test('writes to the disk at each commit, whatever it was told before', async () => {
    const url = await server.database();
    await server.sql(`alter database ${nameIn(url)} set synchronous_commit = off`);
    const database = await open(url);
    const shown = "select current_setting('synchronous_commit') is";
    expect(await database.write(shown)).toEqual([{ is: 'on' }]);
    expect(await database.transaction((query) => query(shown))).toEqual([{ is: 'on' }]);
  });

  test('on a server that does not sync is used, with a warning', async () => {
    const unsafe = await startPostgres({ settings: { fsync: 'off' } });
    onTestFinished(() => unsafe.close());
    const log = keepingLog();
    await open(await unsafe.database(), { log });
    expect(log.lines.join()).toContain('has fsync off: a power cut there may lose what was written');
    const other = keepingLog();
    await open(await server.database(), { log: other });
    expect(other.lines).toEqual([]);
  });

  test('answers bigint as numbers and bytea as bytes, and takes both', async () => {
    const database = await open(await server.database());
    const values = [1_763_800_000_123, Buffer.from([0, 255, 92]), ['a', '"\\{}'], null];
    const [row] = await database.read('select $1::bigint n, $2::bytea b, $3::text[] t, $4::text x', values);
    expect(row).toEqual({ n: values[0], b: values[1], t: values[2], x: null });
  });

  test('shows those who read one moment the same, whatever is written meanwhile', async () => {
    const database = await open(await server.database());
    const put = (id: string) => database.write("insert into reeve.records (id, body, crc) values ($1, 'x', 1)", [id]);
    await put('a');
    const seen = await database.moment(async (query) => {
      const before = await query('select id from reeve.records');
      await put('b');
      return [before, await query('select id from reeve.records')];
    });
    expect(seen).toEqual([[{ id: 'a' }], [{ id: 'a' }]]);
    await expect(database.moment((query) => query("insert into reeve.records values ('c', 'x', 1)"))).rejects.toThrow(
      'takes no writes',
    );
    expect(database.trouble()).toBeUndefined();
  });

  test('runs writes in the order in which they were asked for, transactions among them', async () => {
    const database = await open(await server.database());
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    await Promise.all([
      database
        .transaction(async (query) => {
          await query('select pg_sleep(0.05)');
          await query('select 1');
        })
        .then(note('first')),
      database.write('select 2').then(note('second')),
      database.transaction((query) => query('select 3')).then(note('third')),
    ]);
    expect(order).toEqual(['first', 'second', 'third']);
  });

  test('fails in words after it was closed', async () => {
    const database = await open(await server.database());
    await database.close();
    await expect(database.write('select 1')).rejects.toThrow('it was closed');
    await expect(database.read('select 1')).rejects.toThrow('it was closed');
    await database.close();
  });

  test('does not tell rows in its errors', async () => {
    const database = await open(await server.database());
    const put = () => database.write("insert into reeve.records (id, body, crc) values ('secret row', null, 1)");
    const error = await put().catch((thrown: unknown) => thrown);
    const shown = JSON.stringify([
      error,
      String(error),
      (error as Error).cause,
      Object.entries((error as Error).cause ?? {}),
    ]);
    expect(shown).toContain('null value in column');
    expect(shown).not.toContain('secret row');
  });
});
