import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { readBinding } from '../../../../appliance/store/binding.ts';
import { Tally } from '../../../../appliance/store/move/tally.ts';
import { bundleProgram } from '../../../helpers/bundle.ts';
import { usePostgres } from '../../../helpers/postgres.ts';
import { tallyOfDatabase, tallyOfFiles, writeSample } from '../../../helpers/stored-sample.ts';
import { makeDirectory, temporaryDirectory } from '../../../helpers/temporary.ts';
import { until } from '../../../helpers/until.ts';

const server = usePostgres();
const KILLS = 8;
let program = '';
beforeAll(async () => {
  program = await bundleProgram(fileURLToPath(new URL('../programs/mover.ts', import.meta.url)), makeDirectory());
});

/** Runs the program, to its end or until it is killed; answers whether it came to its end. */
async function run(way: 'in' | 'out', place: { dir: string; url: string }, killAfterMs?: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, way, place.dir, place.url], { stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (killAfterMs !== undefined) await Promise.race([pause(killAfterMs), ended]);
  if (killAfterMs !== undefined) child.kill('SIGKILL');
  return (await ended) === 0;
}

/** To the end, however often; the server may take a moment to let go of the lock of one that was killed. */
const finish = (way: 'in' | 'out', place: { dir: string; url: string }) =>
  until(() => run(way, place), { timeoutMs: 30_000, what: `the move ${way} is ended` });

test('killed at any moment, a move into a database and one out of it are ended by the next start', async () => {
  const template = temporaryDirectory();
  await writeSample(template);
  const before = await tallyOfFiles(template);
  const rehearsal = { dir: temporaryDirectory(), url: await server.database() };
  cpSync(template, rehearsal.dir, { recursive: true });
  const beganAt = performance.now();
  expect(await run('in', rehearsal)).toBe(true);
  const tookMs = performance.now() - beganAt;
  let killed = 0;
  for (let n = 1; n <= KILLS; n++) {
    const place = { dir: temporaryDirectory(), url: await server.database() };
    cpSync(template, place.dir, { recursive: true });
    if (!(await run('in', place, (tookMs * n) / KILLS))) killed += 1;
    await finish('in', place);
    expect(before.differences(await tallyOfDatabase(place.url))).toEqual([]);
    const aside = readdirSync(place.dir).filter((name) => name.startsWith('before-postgres-'));
    expect(aside).toHaveLength(1);
    expect(before.differences(await tallyOfFiles(join(place.dir, aside[0] ?? '')))).toEqual([]);
    if (!(await run('out', place, (tookMs * n) / KILLS))) killed += 1;
    if (await readBinding(place.dir)) await finish('out', place);
    expect(before.differences(await tallyOfFiles(place.dir))).toEqual([]);
    expect(existsSync(join(place.dir, 'store.json'))).toBe(false);
  }
  expect(killed).toBeGreaterThan(KILLS / 2);
  expect(new Tally().differences(before)).not.toEqual([]);
}, 180_000);
