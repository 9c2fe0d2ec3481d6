import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { swapInRestored } from '../../../appliance/store/swap.ts';
import { bundleProgram } from '../../helpers/bundle.ts';
import { makeDirectory, temporaryDirectory } from '../../helpers/temporary.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let program = '';
beforeAll(async () => {
  program = await bundleProgram(fileURLToPath(new URL('./programs/swapper.ts', import.meta.url)), makeDirectory());
});

const STAYING = ['run.json', 'backups/b.reeve', 'executables/linux-x64.json'];

/** Present data in every place, restored data that lacks one of them and has another, an older copy, and what stays. */
function prepared(dir: string): void {
  for (const folder of [
    'docs',
    'history/raw',
    'restore/docs',
    'restore/history/1m',
    'backups',
    'executables',
    'before-restore-older',
  ])
    mkdirSync(join(dir, folder), { recursive: true });
  for (const name of ['key', 'docs/a.db', 'docs/old.db', 'history/raw/x', 'certificates.json', 'only-before.json'])
    writeFileSync(join(dir, name), `before ${name}`);
  for (const name of ['key', 'docs/a.db', 'history/1m/y', 'certificates.json', 'format.json'])
    writeFileSync(join(dir, 'restore', name), `restored ${name}`);
  for (const name of STAYING) writeFileSync(join(dir, name), 'stays');
  writeFileSync(join(dir, 'store.json'), '{"store":"postgres","id":"x","leaving":true}');
}

function expectSwapped(dir: string): void {
  const read = (name: string) => readFileSync(join(dir, name), 'utf8');
  for (const name of ['key', 'docs/a.db', 'history/1m/y', 'certificates.json'])
    expect(read(name)).toBe(`restored ${name}`);
  for (const name of ['docs/old.db', 'history/raw/x', 'only-before.json', 'restore'])
    expect(existsSync(join(dir, name)), name).toBe(false);
  const [former = '', ...more] = readdirSync(dir).filter((name) => name.startsWith('before-restore-'));
  expect(more).toEqual([]);
  for (const name of ['key', 'docs/a.db', 'docs/old.db', 'history/raw/x', 'certificates.json', 'only-before.json'])
    expect(read(join(former, name)), name).toBe(`before ${name}`);
  for (const name of STAYING) expect(read(name)).toBe('stays');
  // Where documents and history are belongs to the place; the next start takes what was restored there.
  expect(JSON.parse(read('store.json'))).toEqual({ store: 'postgres', id: 'x', restored: true });
}

test('restored data takes the place of what was there, which is kept', async () => {
  const dir = temporaryDirectory();
  prepared(dir);
  expect(await swapInRestored({ dir, log: silent, now: Date.now })).toBe(true);
  expectSwapped(dir);
  expect(await swapInRestored({ dir, log: silent, now: Date.now })).toBe(false);
});

test('an empty folder of that name moves nothing', async () => {
  const dir = temporaryDirectory();
  mkdirSync(join(dir, 'restore'));
  writeFileSync(join(dir, 'key'), 'mine');
  expect(await swapInRestored({ dir, log: silent, now: Date.now })).toBe(false);
  expect(readFileSync(join(dir, 'key'), 'utf8')).toBe('mine');
});

test('killed before any of its steps, the next start finishes the swap', async () => {
  const template = temporaryDirectory();
  prepared(template);
  const run = (dir: string, dieAt = 0) => spawnSync(process.execPath, [program, dir, `${dieAt}`]);
  const steps: string[] = [];
  const counted = temporaryDirectory();
  cpSync(template, counted, { recursive: true });
  await swapInRestored({ dir: counted, log: silent, now: Date.now, onStep: (what) => void steps.push(what) });
  expect(steps.length).toBeGreaterThan(10);
  for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
    const dir = temporaryDirectory();
    cpSync(template, dir, { recursive: true });
    expect(run(dir, dieAt).signal, steps[dieAt - 1]).toBe('SIGKILL');
    run(dir, dieAt % 3 === 0 ? 2 : 0); // Now and then it is killed again.
    await swapInRestored({ dir, log: silent, now: Date.now });
    expectSwapped(dir);
  }
}, 120_000);
