import { describe, expect, onTestFinished, test } from 'vitest';
import { StorageError } from '../../../../appliance/store/errors.ts';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { type DatabaseOptions, openDatabase } from '../../../../appliance/store/postgres/connect.ts';
import type { Database } from '../../../../appliance/store/postgres/database.ts';
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

describe('a database', () => {
  test('has its tables after it was opened, keeps its id, and shows what was written to those who read', async () => {
    const url = await server.database();
    const first = await open(url);
    await first.write(...put('a'));
    expect(await ids(first)).toEqual(['a']);
    await first.close();
    const second = await open(url);
    expect(second.id).toBe(first.id);
    expect(await ids(second)).toEqual(['a']);
    expect(second.place).toMatch(/^test_[0-9a-f]+ on 127\.0\.0\.1:\d+$/);
  });

  test('takes all of a transaction or nothing of it', async () => {
    const database = await open(await server.database());
    await database.transaction(async (query) => {
      await query(...put('a'));
      await query(...put('b'));
    });
    const failing = database.transaction(async (query) => {
      await query(...put('c'));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const swallowing = database.transaction(async (query) => {
      await query(...put('d'));
      await query(...put('a')).catch(() => undefined);
    });
    await expect(swallowing).rejects.toBeInstanceOf(StorageError);
    expect(await ids(database)).toEqual(['a', 'b']);
  });

  test('that another one has open is refused, and says by whom', async () => {
    const url = await server.database();
    await open(url);
    const second = openDatabase({ address: parseAddress(url), log: keepingLog(), patienceMs: 0 });
    await expect(second).rejects.toMatchObject({ code: 'locked' });
    await expect(second).rejects.toThrow(/is in use by "reeve .* \d+" from 127\.0\.0\.1 since .*UTC/);
    await expect(second).rejects.not.toThrow(PASSWORD);
  });

  test('whose server was stopped takes nothing, says so, and goes on when it is back', async () => {
    const log = keepingLog();
    const database = await open(await server.database(), { log });
    await server.kill();
    await expect(database.write(...put('a'))).rejects.toBeInstanceOf(StorageError);
    expect(database.trouble()).toContain('nothing listens there');
    await server.start();
    await until(() => database.trouble() === undefined, { what: 'the connection is there again' });
    await database.write(...put('b'));
    expect(await ids(database)).toEqual(['b']);
    expect(log.lines.join()).toContain('The database is there again');
    expect(log.lines.join()).not.toContain(PASSWORD);
  });
});
