import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runReeve } from '../../../appliance/reeve.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { pieces } from '../../helpers/transfer.ts';

const PASSPHRASE = 'a passphrase for the command';

async function reeve(words: readonly string[], env: NodeJS.ProcessEnv, input = '') {
  const stdout = new PassThrough();
  const read = stdout.toArray();
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const outside = { stdin: pieces(input), stdout, say };
  const code = await runReeve(words, env, outside);
  stdout.end();
  return { code, said, out: Buffer.concat(await read).toString() };
}

async function madeData() {
  const data = temporaryDirectory();
  const running = await startInProcess({ data });
  await running.setUp();
  await running.call('POST', '/api/v1/sites', { name: 'Second' });
  await running.stop();
  return data;
}

async function sitesOf(data: string, key?: string) {
  const running = await startInProcess({ data, ...(key && { key }) });
  try {
    const signed = await running.call('POST', '/api/v1/session', { userName: 'owner', password: 'correct horse' });
    expect(signed.status).toBe(201);
    return JSON.stringify((await running.call('GET', '/api/v1/sites')).body);
  } finally {
    await running.stop();
  }
}

test('a backup made by the command goes into an empty folder, under another kind of master key too', async () => {
  const [data, empty, other] = [await madeData(), temporaryDirectory(), temporaryDirectory()];
  const file = join(temporaryDirectory(), 'x.reeve');
  const env = { REEVE_DATA: data, REEVE_BACKUP_PASSPHRASE: PASSPHRASE };
  expect(await reeve(['backup', file], env)).toMatchObject({ code: 0, said: expect.stringContaining('checked') });
  const wrong = await reeve(['restore', file], { REEVE_DATA: empty, REEVE_BACKUP_PASSPHRASE: 'wrong' });
  expect(wrong).toMatchObject({ code: 1, said: expect.stringContaining('passphrase is not') });
  expect(existsSync(join(empty, 'docs'))).toBe(false);
  const words = ['restore', file, '--passphrase-file', '-'];
  expect(await reeve(words, { REEVE_DATA: empty }, `${PASSPHRASE}\n`)).toMatchObject({ code: 0 });
  expect(await sitesOf(empty)).toContain('Second');
  const key = 'cd'.repeat(32);
  await reeve(['restore', file], { REEVE_DATA: other, REEVE_BACKUP_PASSPHRASE: PASSPHRASE, REEVE_KEY: key });
  expect(existsSync(join(other, 'key'))).toBe(false);
  expect(await sitesOf(other, key)).toContain('Second');
}, 60_000);

test('the master key is replaced, and everything sealed stays readable', async () => {
  const data = await madeData();
  const before = readFileSync(join(data, 'key'), 'utf8');
  expect(await reeve(['rotate-key'], { REEVE_DATA: data })).toMatchObject({ code: 0 });
  expect(readFileSync(join(data, 'key'), 'utf8')).not.toBe(before);
  expect(await sitesOf(data)).toContain('Second');
  const asked = await reeve(['rotate-key'], { REEVE_DATA: data, REEVE_KEY: 'ab'.repeat(32) });
  expect(asked).toMatchObject({ code: 2, said: expect.stringContaining('REEVE_NEW_KEY') });
}, 30_000);

test('a job of a running appliance is run with an API key', async () => {
  const data = temporaryDirectory();
  const running = await startInProcess({ data });
  try {
    await running.setUp();
    const { body } = await running.call('POST', '/api/v1/keys', { name: 'cron', role: 'owner' });
    const REEVE_API_KEY = String(body.text ?? body.key);
    const env = { REEVE_DATA: data, REEVE_API_KEY };
    expect(await reeve(['run', 'prune'], env)).toMatchObject({ code: 0, out: expect.stringContaining('old enough') });
    expect(await reeve(['run', 'nothing'], env)).toMatchObject({ code: 1, said: expect.stringContaining('no job') });
    expect(await reeve(['run', 'prune'], { REEVE_DATA: data })).toMatchObject({ code: 2 });
    expect(await reeve(['run', 'prune'], { ...env, REEVE_API_KEY: 'rvk_no' })).toMatchObject({ code: 1 });
    expect((await reeve(['backup', join(data, 'x.reeve')], env)).said).toContain('stop it first');
  } finally {
    await running.stop();
  }
}, 30_000);

test('a command line that says too little or too much names the cure', async () => {
  const env = { REEVE_DATA: temporaryDirectory() };
  for (const words of [
    ['backup'],
    ['restore'],
    ['run'],
    ['rotate-key', 'x'],
    ['backup', 'a', 'b'],
    ['backup', '--no', 'x'],
  ])
    expect((await reeve(words, env)).code, words.join(' ')).toBe(2);
  expect((await reeve(['backup', 'x.reeve'], env)).said).toContain('no data of an appliance');
  const file = join(temporaryDirectory(), 'no.reeve');
  writeFileSync(file, 'something else');
  expect(await reeve(['restore', file], env)).toMatchObject({ code: 1, said: expect.stringContaining('not a backup') });
});
