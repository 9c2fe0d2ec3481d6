import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readOptions } from '../../../appliance/options.ts';
import { runReeve } from '../../../appliance/reeve.ts';
import { parseAddress } from '../../../appliance/store/postgres/address.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { PASSWORD, usePostgres } from '../../helpers/postgres.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { pieces } from '../../helpers/transfer.ts';

const server = usePostgres();
const PASSPHRASE = 'a passphrase for the command';
const signIn = { userName: 'owner', password: 'correct horse' };

async function reeve(words: readonly string[], env: NodeJS.ProcessEnv) {
  const stdout = new PassThrough();
  const read = stdout.toArray();
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const code = await runReeve(words, env, { stdin: pieces(''), stdout, say });
  stdout.end();
  const out = Buffer.concat(await read).toString();
  expect(said + out).not.toContain(PASSWORD);
  expect(said + out).not.toContain(encodeURIComponent(PASSWORD));
  return { code, said, out };
}

async function madeData(): Promise<string> {
  const data = temporaryDirectory();
  const running = await startInProcess({ data });
  await running.setUp();
  await running.call('POST', '/api/v1/sites', { name: 'Second' });
  await running.stop();
  return data;
}

async function sitesOf(data: string, url?: string): Promise<string> {
  const running = await startInProcess({ data, ...(url && { store: parseAddress(url) }) });
  try {
    expect((await running.call('POST', '/api/v1/session', signIn)).status).toBe(201);
    return JSON.stringify((await running.call('GET', '/api/v1/sites')).body);
  } finally {
    await running.stop();
  }
}

test('data move into a database and back by the command, and every other command finds them', async () => {
  const data = await madeData();
  const url = await server.database();
  const [plain, stored] = [{ REEVE_DATA: data }, { REEVE_DATA: data, REEVE_STORE: url }];
  const there = await reeve(['migrate', '--to', url], plain);
  expect(there).toMatchObject({ code: 0 });
  expect(there.said).toMatch(
    /moved into test_.*read back and compared.*files are kept.*Done\..*REEVE_STORE=postgres:/s,
  );
  expect(await reeve(['migrate', '--to', url], plain)).toMatchObject({
    code: 0,
    said: expect.stringContaining('already'),
  });

  for (const words of [['user', 'list'], ['verify-audit'], ['history', 'verify'], ['backup', join(data, 'x.reeve')]])
    expect(await reeve(words, plain), words.join(' ')).toMatchObject({
      code: 1,
      said: expect.stringMatching(/are in a PostgreSQL database.*REEVE_STORE/s),
    });
  expect((await reeve(['user', 'list'], stored)).out).toContain('owner');
  expect(await reeve(['verify-audit'], stored)).toMatchObject({
    code: 0,
    out: expect.stringContaining('nothing was changed'),
  });
  expect(await reeve(['history', 'verify'], stored)).toMatchObject({ code: 0 });
  expect(await sitesOf(data, url)).toContain('Second');

  const back = await reeve(['migrate', '--to', 'files'], stored);
  expect(back).toMatchObject({ code: 0, said: expect.stringContaining('without REEVE_STORE') });
  expect(await reeve(['verify-audit'], plain)).toMatchObject({ code: 0 });
  expect(await sitesOf(data)).toContain('Second');
  expect(await reeve(['migrate', '--to', 'files'], plain)).toMatchObject({
    code: 0,
    said: expect.stringContaining('already'),
  });
  const [{ moved } = { moved: 0 }] = await server.sql(
    `select count(*)::int moved from reeve_before_files.documents where kind like '%audit%' or kind like '%trail%'`,
    new URL(url).pathname.slice(1),
  );
  expect(moved).toBeGreaterThan(0);
  expect(readdirSync(data).filter((name) => name.startsWith('before-postgres-'))).toHaveLength(1);
}, 90_000);

test('a backup goes by the commands from a database into another one, also when the first is lost', async () => {
  const data = await madeData();
  const [url, next] = [await server.database(), await server.database()];
  const file = join(temporaryDirectory(), 'x.reeve');
  await reeve(['migrate', '--to', url], { REEVE_DATA: data });
  const env = { REEVE_DATA: data, REEVE_STORE: url, REEVE_BACKUP_PASSPHRASE: PASSPHRASE };
  expect(await reeve(['backup', file], env)).toMatchObject({ code: 0, said: expect.stringContaining('checked') });
  const lost = await reeve(['user', 'list'], { REEVE_DATA: data, REEVE_STORE: next });
  expect(lost).toMatchObject({ code: 1, said: expect.stringMatching(/another database.*is empty.*reeve restore/s) });
  expect(await reeve(['restore', file], { ...env, REEVE_STORE: next })).toMatchObject({ code: 0 });
  expect(await sitesOf(data, next)).toContain('Second');
  expect(existsSync(join(data, 'docs'))).toBe(false);
}, 90_000);

test('a plain backup goes into a database by the command and leaves the accounts in it as they are', async () => {
  const data = await madeData();
  const url = await server.database();
  const file = join(temporaryDirectory(), 'x.reeve');
  await reeve(['migrate', '--to', url], { REEVE_DATA: data });
  const env = { REEVE_DATA: data, REEVE_STORE: url };
  expect(await reeve(['backup', file], env)).toMatchObject({ code: 0, said: expect.stringContaining('no keys') });
  expect(await reeve(['restore', file], { REEVE_DATA: data })).toMatchObject({
    code: 1,
    said: expect.stringContaining('REEVE_STORE'),
  });
  expect(await reeve(['restore', file], env)).toMatchObject({ code: 0 });
  expect(await sitesOf(data, url)).toContain('Second');
  // Its accounts are lost with the database, which is said.
  const next = { ...env, REEVE_STORE: await server.database() };
  const poor = await reeve(['restore', file], next);
  expect(poor).toMatchObject({ code: 0, said: expect.stringContaining('database is empty: accounts') });
  expect(await reeve(['user', 'list'], next)).toMatchObject({ code: 0, out: '' });
}, 90_000);

test('an appliance that starts with a database for the first time takes its files into it, and notes it in the trail', async () => {
  const data = await madeData();
  const [url, other] = [await server.database(), await server.database()];
  const running = await startInProcess({ data, store: parseAddress(url) });
  try {
    expect((await running.call('POST', '/api/v1/session', signIn)).status).toBe(201);
    const { body } = await running.call('GET', '/api/v1/audit-trail?limit=50&site=all');
    expect(JSON.stringify(body)).toContain('Moves documents and history between files and a database');
    expect(JSON.stringify((await running.call('GET', '/api/v1/sites')).body)).toContain('Second');
  } finally {
    await running.stop();
  }
  expect(await sitesOf(data, url)).toContain('Second');
  await expect(startInProcess({ data })).rejects.toThrow(/are in a PostgreSQL database.*REEVE_STORE/s);
  await expect(startInProcess({ data, store: parseAddress(other) })).rejects.toThrow(/another database/);
  const second = temporaryDirectory();
  const term = () => server.sql('select term from reeve.about', new URL(url).pathname.slice(1));
  const before = await term();
  await expect(startInProcess({ data: second, store: parseAddress(url) })).rejects.toThrow(/data of another appliance/);
  expect(await term()).toEqual(before);
  const trail = await reeve(['verify-audit'], { REEVE_DATA: data, REEVE_STORE: url });
  expect(trail).toMatchObject({ code: 0, out: expect.stringContaining('nothing was changed') });
}, 90_000);

test.each([
  [['migrate'], 'Say where they are to go'],
  [['migrate', '--to', 'mysql://x@y/z'], 'Say where they are to go'],
  [['migrate', '--to', 'postgres://db/reeve'], 'names no user'],
  [['migrate', '--to', 'files', 'now'], 'migrate --to'],
  [['migrate', '--to', 'files'], 'There is no data'],
])('%j is refused with what to say instead', async (words, cure) => {
  const empty = temporaryDirectory();
  expect(await reeve(words, { REEVE_DATA: empty })).toMatchObject({ code: 2, said: expect.stringContaining(cure) });
  expect(readdirSync(empty)).toEqual([]);
});

test('an address in a wrong place is not shown, because there may be a password in it', async () => {
  const typed = `postgres://reeve:${PASSWORD}@db/reeve`;
  const { code, said } = await reeve(['migrate', typed], {});
  expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining("Unexpected argument 'postgres://…'") });
  expect(said).not.toContain(PASSWORD);
  expect(() => readOptions([typed], {})).toThrow(/^Unexpected argument 'postgres:\/\/…'/);
});

test('the help of the command tells of it', async () => {
  expect((await reeve(['help'], {})).out).toContain('reeve migrate --to postgres://');
});
