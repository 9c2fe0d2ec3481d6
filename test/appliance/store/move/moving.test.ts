import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readBinding } from '../../../../appliance/store/binding.ts';
import { openDataDirectory } from '../../../../appliance/store/directory.ts';
import { needFiles, stayWithFiles } from '../../../../appliance/store/move/leave.ts';
import type { Tally } from '../../../../appliance/store/move/tally.ts';
import { openDocumentStore } from '../../../../appliance/store/nedb/documents.ts';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../../../appliance/store/postgres/connect.ts';
import type { Database } from '../../../../appliance/store/postgres/database.ts';
import { countAll } from '../../../../appliance/store/postgres/fill.ts';
import { joinDatabase } from '../../../../appliance/store/postgres/join.ts';
import { leaveDatabase } from '../../../../appliance/store/postgres/leave.ts';
import { usePostgres } from '../../../helpers/postgres.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { tallyOfFiles, things, writeSample } from '../../../helpers/stored-sample.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

const server = usePostgres();
const NOW = Date.UTC(2026, 10, 22, 12);
const ASIDE = 'before-postgres-2026-11-22T12-00-00-000Z';

async function open(url: string): Promise<Database> {
  const database = await openDatabase({ address: parseAddress(url), log: keepingLog(), patienceMs: 0 });
  onTestFinished(() => database.close());
  return database;
}

async function filled(): Promise<string> {
  const dir = temporaryDirectory();
  await writeSample(dir);
  return dir;
}

const inDatabase = (database: Database): Promise<Tally> =>
  database.moment((query) => countAll(database, query, keepingLog()));

const join_ = (dir: string, database: Database, onStep?: (what: string) => void) =>
  joinDatabase({ dir, database, log: keepingLog(), now: () => NOW, onStep });

test('files are moved into an empty database to the last bit, and kept', async () => {
  const dir = await filled();
  const before = await tallyOfFiles(dir);
  expect(before.count('chunks ')).toBe(8);
  expect(before.count('commits ')).toBe(38);
  expect(before.count('documents ')).toBe(451);
  const database = await open(await server.database());
  const log = keepingLog();
  await joinDatabase({ dir, database, log, now: () => NOW });
  expect(before.differences(await inDatabase(database))).toEqual([]);
  const [changed] = await database.read(
    `select rev, body from reeve.documents where kind = 'things' and id = 'thing-1'`,
  );
  expect(changed).toMatchObject({ rev: 4, body: '{"id":"thing-1","siteId":"s","name":"changed 2"}' });
  const ids = await database.read('select id, through, is_whole from reeve.partitions order by id');
  expect(ids).toEqual([
    { id: '1h/24h/2026-11-20T00+24h.1', through: 1, is_whole: true },
    { id: 'raw/2h/2026-11-20T10+2h.2', through: 2, is_whole: false },
    { id: 'raw/2h/2026-11-20T10+2h.5', through: 5, is_whole: false },
    { id: 'raw/2h/2026-11-20T10+2h.5-2', through: 5, is_whole: false },
  ]);
  expect(readdirSync(dir).sort()).toEqual([ASIDE, 'store.json']);
  expect(before.differences(await tallyOfFiles(join(dir, ASIDE)))).toEqual([]);
  expect(log.lines.join('\n')).toMatch(/moved into test_.*"documents":451,"chunks":8.*before-postgres-2026/s);
  await join_(dir, database);
  expect(await readBinding(dir)).toEqual({ store: 'postgres', id: database.id });
});

test('what is in a database is moved into files again to the last bit, and kept there', async () => {
  const dir = await filled();
  const url = await server.database();
  const database = await open(url);
  await join_(dir, database);
  const before = await inDatabase(database);
  await leaveDatabase({ dir, database, log: keepingLog() });
  expect(before.differences(await tallyOfFiles(dir))).toEqual([]);
  expect(readdirSync(dir).sort()).toEqual(
    [ASIDE, 'docs', 'history', 'quarantine'].filter((name) => existsSync(join(dir, name))),
  );
  await needFiles(dir, keepingLog());
  const documents = await openDocumentStore({ dir, log: keepingLog() });
  expect(documents.quarantined).toEqual([]);
  expect(await (await documents.collection(things)).get('odd')).toMatchObject({ more: { 'a.b': 1, lone: '\ud800' } });
  await documents.close();
  await database.close();
  const again = await open(url);
  expect(await again.read('select count(*) from reeve_before_files.documents')).toEqual([{ count: 451 }]);
  expect(again.id).not.toBe(database.id);
});

const stopping = (at: string) => (what: string) => {
  if (what === at) throw new Error(`stopped: ${what}`);
};

test.each([
  'all is in, nothing counts',
  'the filling is noted',
  'all is in and counts',
  'the files are out of the way',
])('a move into a database that was stopped when %s is ended by the next start', async (at) => {
  const dir = await filled();
  const before = await tallyOfFiles(dir);
  const url = await server.database();
  const first = await open(url);
  await expect(join_(dir, first, stopping(at))).rejects.toThrow(`stopped: ${at}`);
  await first.close();
  const second = await open(url);
  await join_(dir, second);
  expect(before.differences(await inDatabase(second))).toEqual([]);
  expect(readdirSync(dir).sort()).toEqual([ASIDE, 'store.json']);
  expect(before.differences(await tallyOfFiles(join(dir, ASIDE)))).toEqual([]);
  expect(await readBinding(dir)).toEqual({ store: 'postgres', id: second.id });
});

test.each(['the filling is noted', 'all is in and counts', 'the files are out of the way'])(
  'a move into a database that was stopped when %s can be given up for the files',
  async (at) => {
    const dir = await filled();
    const before = await tallyOfFiles(dir);
    const database = await open(await server.database());
    await expect(join_(dir, database, stopping(at))).rejects.toThrow('stopped');
    await expect(needFiles(dir, keepingLog())).rejects.toThrow(/were just being moved into it.*migrate --to files/s);
    expect(await stayWithFiles(dir, keepingLog())).toBe(true);
    await needFiles(dir, keepingLog());
    expect(before.differences(await tallyOfFiles(dir))).toEqual([]);
  },
);

const LEAVING = ['all is out, read back and compared', 'it has its name', 'the files count', 'the files are in place'];

test.each(LEAVING)('a move into files that was stopped when %s is ended by the next call', async (at) => {
  const dir = await filled();
  const database = await open(await server.database());
  await join_(dir, database);
  const before = await inDatabase(database);
  const log = keepingLog();
  await expect(leaveDatabase({ dir, database, log, onStep: stopping(at) })).rejects.toThrow('stopped');
  const counts = at === 'the files count' || at === 'the files are in place';
  if (counts) await needFiles(dir, log);
  else {
    await expect(needFiles(dir, log)).rejects.toThrow(/are in a PostgreSQL database/);
    await join_(dir, database);
    await leaveDatabase({ dir, database, log });
  }
  expect(before.differences(await tallyOfFiles(dir))).toEqual([]);
  expect(await readBinding(dir)).toBeUndefined();
});

test.each(LEAVING.slice(0, 3))(
  'a move into files that was stopped when %s is forgotten when the database is asked for',
  async (at) => {
    const dir = await filled();
    const database = await open(await server.database());
    await join_(dir, database);
    const before = await inDatabase(database);
    const leaving = leaveDatabase({ dir, database, log: keepingLog(), onStep: stopping(at) });
    await expect(leaving).rejects.toThrow('stopped');
    await join_(dir, database);
    expect(before.differences(await inDatabase(database))).toEqual([]);
    expect(readdirSync(dir).sort()).toEqual([ASIDE, 'store.json']);
    expect(await readBinding(dir)).toEqual({ store: 'postgres', id: database.id });
  },
);

test('restored files take the place of what is in the database, which is kept as a schema', async () => {
  const [dir, other] = [await filled(), await filled()];
  const url = await server.database();
  const database = await open(url);
  await join_(dir, database);
  const store = await openDocumentStore({ dir: other, log: keepingLog() });
  await (await store.collection(things)).remove('odd');
  await store.close();
  const restored = await tallyOfFiles(other);
  writeFileSync(join(other, 'format.json'), '{"format":1}\n');
  const { cpSync } = await import('node:fs');
  cpSync(other, join(dir, 'restore'), { recursive: true });
  await (await openDataDirectory({ dir, log: keepingLog(), now: () => NOW })).release();
  expect(await readBinding(dir)).toMatchObject({ id: database.id, restored: true });
  for (const at of ['the filling is noted', 'all is in and counts', 'the files are out of the way'])
    await expect(join_(dir, database, stopping(at))).rejects.toThrow('stopped');
  await join_(dir, database);
  expect(restored.differences(await inDatabase(database))).toEqual([]);
  const former = await database.read(`select count(*) from reeve_before_restore.documents where id = 'odd'`);
  expect(former).toEqual([{ count: 1 }]);
  expect(await readBinding(dir)).toEqual({ store: 'postgres', id: database.id });
  expect(existsSync(join(dir, 'docs'))).toBe(false);
  expect(readFileSync(join(dir, 'format.json'), 'utf8')).toContain('1');
});

test('a directory and a database that do not belong together are refused, and nothing is changed', async () => {
  const [mine, strange, lost] = [await filled(), await filled(), temporaryDirectory()];
  const [url, empty] = [await server.database(), await server.database()];
  const database = await open(url);
  await join_(mine, database);
  await expect(join_(strange, database)).rejects.toThrow(
    /holds the data of another appliance.*REEVE_DATA.*REEVE_STORE/s,
  );
  await expect(join_(lost, database)).rejects.toMatchObject({ code: 'not-here' });
  expect(existsSync(join(strange, 'docs'))).toBe(true);
  const other = await open(empty);
  await expect(join_(mine, other)).rejects.toMatchObject({
    code: 'gone',
    message: expect.stringContaining('reeve restore'),
  });
  await expect(needFiles(mine, keepingLog())).rejects.toThrow(/REEVE_STORE=postgres.*migrate --to files/s);
  await writeSample(mine);
  await expect(join_(mine, database)).rejects.toThrow(/nobody can say which of them count/);
  writeFileSync(join(mine, 'store.json'), '{"store":"postg');
  await expect(join_(mine, database)).rejects.toThrow(/store\.json is damaged/);
});

test('a restore into an empty database makes good that the former one is lost', async () => {
  const dir = await filled();
  await join_(dir, await open(await server.database()));
  await writeSample(dir);
  writeFileSync(join(dir, 'store.json'), JSON.stringify({ ...(await readBinding(dir)), restored: true }));
  const fresh = await open(await server.database());
  const before = await tallyOfFiles(dir);
  await join_(dir, fresh);
  expect(before.differences(await inDatabase(fresh))).toEqual([]);
  expect(await readBinding(dir)).toEqual({ store: 'postgres', id: fresh.id });
});

test('a damaged part is left out, said, and kept with the files', async () => {
  const dir = await filled();
  const [lane = ''] = readdirSync(join(dir, 'history', 'raw', '2h'));
  const file = join(dir, 'history', 'raw', '2h', lane);
  const content = readFileSync(file);
  content[2_000] = content[2_000] === 65 ? 66 : 65;
  writeFileSync(file, content);
  const database = await open(await server.database());
  const log = keepingLog();
  await joinDatabase({ dir, database, log, now: () => NOW });
  expect((await inDatabase(database)).count('chunks ')).toBe(7);
  expect(log.lines.join('\n')).toContain('A damaged part was left out');
  expect(readFileSync(join(dir, ASIDE, 'history', 'raw', '2h', lane)).equals(content)).toBe(true);
});
