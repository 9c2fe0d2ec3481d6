import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runReeve } from '../../../appliance/reeve.ts';
import { openDataDirectory } from '../../../appliance/store/directory.ts';
import { HOST, historyBench, NOON, readAll, sender } from '../../helpers/history.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { pieces } from '../../helpers/transfer.ts';

const HOUR = 3_600_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A data directory with a sealed and an open period of one host. */
async function madeData(): Promise<string> {
  const dir = temporaryDirectory();
  await (await openDataDirectory({ dir, log: silent })).release();
  const bench = historyBench(dir);
  const history = await bench.open();
  const agent = sender(history);
  for (let n = 0; n < 4; n++) {
    bench.now = NOON + n * HOUR;
    await history.append([agent.frame(bench.now, [n, n])]);
    await history.tend();
  }
  await history.close();
  return dir;
}

async function reeve(words: string, dir: string, input = '') {
  const stdout = new PassThrough();
  const read = stdout.toArray();
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const outside = { stdin: pieces(input), stdout, say };
  const code = await runReeve(words.split(' '), { REEVE_DATA: dir }, outside);
  stdout.end();
  const out = Buffer.concat(await read).toString();
  return { code, said, out };
}

test('export, import and verify go from one data folder to another, through files and through pipes', async () => {
  const [from, to] = [await madeData(), temporaryDirectory()];
  const file = join(temporaryDirectory(), 'history.jsonl');
  expect(await reeve(`history export ${file}`, from)).toMatchObject({ code: 0 });
  const piped = await reeve('history export -', from);
  expect(piped.out.split('\n').slice(1)).toEqual(readFileSync(file, 'utf8').split('\n').slice(1));
  const first = await reeve(`history import ${file}`, to);
  expect(first).toMatchObject({ code: 0, said: expect.stringContaining('Took 4 rows of 1 host.') });
  expect(first.said).toContain('has no such host');
  const second = await reeve('history import -', to, piped.out);
  expect(second).toMatchObject({ code: 0, said: expect.stringContaining('4 rows were here already') });
  expect(await reeve('history verify', to)).toMatchObject({ code: 0, said: expect.stringContaining('in order') });
  const bench = historyBench(to);
  const history = await bench.open();
  expect((await readAll(history, { hostId: HOST, from: NOON, to: NOON + 4 * HOUR })).a).toHaveLength(4);
});

test('a cut file says its line and that what was before it was taken, and ends with code 1', async () => {
  const from = await madeData();
  const { out } = await reeve('history export -', from);
  const { code, said } = await reeve('history import -', temporaryDirectory(), out.slice(0, out.length - 20));
  expect(code).toBe(1);
  expect(said).toMatch(/Took 4 rows of 1 host/);
  expect(said).toMatch(/Line \d+ of the file cannot be used: .* What was before it was taken\./);
});

test('verify names a damaged chunk and its host, and ends with code 1', async () => {
  const dir = await madeData();
  const folder = join(dir, 'history', 'raw', '2h');
  const file = join(folder, readdirSync(folder)[0] ?? '');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"x":"./, '"x":"!'));
  const { code, said } = await reeve('history verify', dir);
  expect(code).toBe(1);
  expect(said).toContain(
    `host ${HOST}: the rows from 2025-11-21T12:00:00.000Z to 2025-11-21T13:00:00.000Z are damaged`,
  );
});

test('a running appliance is named, and nothing is touched', async () => {
  const bench = await startInProcess();
  const { code, said } = await reeve('history verify', bench.data);
  await bench.stop();
  expect(code).toBe(1);
  expect(said).toContain(`pid ${process.pid}`);
  expect(said).toContain('stop it first');
});

test('rows of a host go to another one by its name', async () => {
  const from = await madeData();
  const { out } = await reeve('history export -', from);
  expect(await reeve('history import --map x=nobody -', from, out)).toMatchObject({
    code: 2,
    said: expect.stringContaining('There is no host nobody'),
  });
});

test('an export never replaces a file, and one that fails leaves none', async () => {
  const from = await madeData();
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'there'), 'mine');
  const { code, said } = await reeve(`history export ${join(dir, 'there')}`, from);
  expect([code, said]).toEqual([2, expect.stringContaining('is there already')]);
  expect(readFileSync(join(dir, 'there'), 'utf8')).toBe('mine');
  expect((await reeve(`history export ${join(dir, 'no/such/place')}`, from)).code).toBe(1);
  expect((await reeve('history export --hosts nobody -', from)).code).toBe(2);
  expect(readdirSync(dir)).toEqual(['there']);
});

test.each([
  ['history', 'There is no command history'],
  ['history forget', 'There is no command history forget'],
  ['history export', 'Say which file'],
  ['history export a b', 'a word too many'],
  ['history verify now', 'a word too many'],
  ['history export --from yesterday -', '--from: write a time as'],
  ['history import --map a -', '--map: write OLD=NEW'],
  ['history export --since 1 -', "Unknown option '--since'"],
])('%s is refused with the cure', async (words, cure) => {
  const { code, said } = await reeve(words, temporaryDirectory());
  expect(code).toBe(2);
  expect(said).toContain(cure);
});

test('a folder that holds no data is not made into one', async () => {
  const dir = temporaryDirectory();
  const { code, said } = await reeve(`history verify --data ${join(dir, 'typo')}`, dir);
  expect([code, said]).toEqual([2, expect.stringContaining('There is no data of an appliance in')]);
  expect(existsSync(join(dir, 'typo'))).toBe(false);
});

test('help says what there is', async () => {
  expect(await reeve('--help', '')).toMatchObject({ code: 0, out: expect.stringContaining('reeve history export') });
});
