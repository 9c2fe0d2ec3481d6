import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openDataDirectory } from '../../../appliance/store/directory.ts';
import type { FormatStep } from '../../../appliance/store/format.ts';
import { bundleProgram } from '../../helpers/bundle.ts';
import { type Program, startProgram } from '../../helpers/program.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { makeDirectory, removeDirectory, temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const log = keepingLog();
const open = (dir: string, steps?: FormatStep[]) => openDataDirectory({ dir, log, ...(steps ? { steps } : {}) });
const formatOf = (dir: string) => JSON.parse(readFileSync(join(dir, 'format.json'), 'utf8'));
const lockOf = (dir: string) => JSON.parse(readFileSync(join(dir, 'LOCK'), 'utf8'));

async function sleeper(): Promise<ChildProcess> {
  const child = spawn('sleep', ['600']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child;
}

describe('lock', () => {
  test('a second opener is refused with the pid of the first, and let in when the first has let go', async () => {
    const dir = join(temporaryDirectory(), 'new', 'data');
    const first = await open(dir);
    await expect(open(dir)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`pid ${process.pid}`),
    });
    await first.release();
    await (await open(dir)).release();
    expect(readdirSync(dir)).toEqual(['format.json']);
  });

  test('of many openers at once exactly one gets in, also over a dead lock', async () => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, 'LOCK'), JSON.stringify({ pid: 1, bootId: 'another boot', startedAt: '1', pidSpace: '' }));
    const settled = await Promise.allSettled(Array.from({ length: 12 }, () => open(dir)));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a process that lives keeps its lock, one that was killed loses it', async () => {
    const dir = temporaryDirectory();
    const child = await sleeper();
    await (await open(dir)).release();
    const lock = await open(dir);
    const mine = lockOf(dir);
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    await lock.release();
    writeFileSync(join(dir, 'LOCK'), JSON.stringify({ ...mine, pid: child.pid, startedAt }));
    await expect(open(dir)).rejects.toThrow(`pid ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await open(dir)).release();
  });

  test.each([
    ['before a reboot', { bootId: 'another boot' }],
    ['by a process whose pid was given to this one', { startedAt: '1' }],
    ['in a container that is gone', { pidSpace: 'pid:[1]' }],
  ])('a lock taken %s is taken over', async (_, difference) => {
    const dir = temporaryDirectory();
    const first = await open(dir);
    const mine = lockOf(dir);
    await first.release();
    writeFileSync(join(dir, 'LOCK'), JSON.stringify({ ...mine, ...difference }));
    await open(dir);
    const { pid, startedAt } = mine;
    expect(lockOf(dir)).toMatchObject({ pid, startedAt });
    expect(readdirSync(dir).filter((name) => name.endsWith('.sock'))).toEqual([lockOf(dir).socket]);
  });

  test.each(['', '{"pid":', 'null', '\0\0\0'])('a torn lock file (%j) is taken over', async (text) => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, 'LOCK'), text);
    await open(dir);
    expect(lockOf(dir)).toMatchObject({ pid: process.pid });
  });
});

const cannotNest = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status !== 0;

describe.skipIf(cannotNest)('lock between containers (needs root, or leave to make pid namespaces)', () => {
  let built: string;
  let program: string;
  beforeAll(async () => {
    built = makeDirectory();
    program = await bundleProgram(fileURLToPath(new URL('./programs/holder.ts', import.meta.url)), built);
  });
  afterAll(() => removeDirectory(built));

  /** A holder that has pids of its own, as in a container. */
  const inContainer = (dir: string): Program => {
    const apart = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', process.execPath, program, dir];
    const started = startProgram(apart);
    onTestFinished(() => started.kill());
    return started;
  };
  const says = (started: Program, words: string) =>
    until(() => started.output().includes(words), { timeoutMs: 15_000, what: `"${words}": ${started.output()}` });

  test('a holder in another pid namespace keeps its lock while it lives, and loses it when it was killed', async () => {
    const dir = temporaryDirectory();
    const first = inContainer(dir);
    await says(first, 'holds it as pid 1');
    await expect(open(dir)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringMatching(/in another container on this machine \(pid 1 there\).*REEVE_DATA/s),
    });
    const second = inContainer(dir);
    await says(second, 'refused: ');
    expect(lockOf(dir)).toMatchObject({ pid: 1 });
    expect(readdirSync(dir).filter((name) => name.endsWith('.sock'))).toEqual([lockOf(dir).socket]);
    await first.kill();
    await until(async () => (await open(dir).then((lock) => lock.release(), String)) === undefined, {
      timeoutMs: 5_000,
      what: 'the dead lock is taken over',
    });
    expect(readdirSync(dir)).toEqual(['format.json']);
  });

  test('a folder with a path that is too long for a socket is held all the same', async () => {
    const dir = join(temporaryDirectory(), 'a'.repeat(80), 'b'.repeat(80));
    const lock = await open(dir);
    await says(inContainer(dir), 'refused: ');
    await lock.release();
    expect(readdirSync(dir)).toEqual(['format.json']);
  });
});

describe('format', () => {
  const step = (to: number, run: FormatStep['run'] = async () => undefined): FormatStep => ({
    to,
    title: `step ${to}`,
    run,
  });
  const withOldData = () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, 'docs'));
    writeFileSync(join(dir, 'docs', 'hosts.db'), 'old');
    writeFileSync(join(dir, 'format.json'), '{"format":1}');
    return dir;
  };

  test('a new directory gets the newest number', async () => {
    const dir = temporaryDirectory();
    await open(dir, [step(2), step(3)]);
    expect(formatOf(dir)).toEqual({ format: 3 });
  });

  test('a newer one is refused with both numbers, nothing is changed and the lock is free again', async () => {
    const dir = withOldData();
    writeFileSync(join(dir, 'format.json'), '{"format":9}');
    await expect(open(dir)).rejects.toMatchObject({
      code: 'newer-format',
      message: expect.stringMatching(/format 9.*up to 1/s),
    });
    expect(formatOf(dir)).toEqual({ format: 9 });
    expect(readdirSync(dir).sort()).toEqual(['docs', 'format.json']);
  });

  test('an older one is copied first and then goes through every step in order', async () => {
    const dir = withOldData();
    const done: number[] = [];
    const migrate = (to: number) =>
      step(to, async (where) => {
        done.push(to);
        writeFileSync(join(where, 'docs', 'hosts.db'), `format ${to}`);
      });
    await open(dir, [migrate(2), migrate(3)]);
    expect(done).toEqual([2, 3]);
    expect(formatOf(dir)).toEqual({ format: 3 });
    const copies = readdirSync(dir).filter((name) => name.startsWith('before-format-1-'));
    expect(copies).toHaveLength(1);
    expect(readFileSync(join(dir, copies[0] ?? '', 'docs', 'hosts.db'), 'utf8')).toBe('old');
    expect(existsSync(join(dir, copies[0] ?? '', 'LOCK'))).toBe(false);
  });

  test('a step that fails stops the start, names the step, and the next start goes on with it', async () => {
    const dir = withOldData();
    let works = false;
    const steps = [step(2), step(3, async () => void (works || (await Promise.reject(new Error('no luck')))))];
    await expect(open(dir, steps)).rejects.toMatchObject({
      code: 'migration-failed',
      message: expect.stringContaining('step 3'),
    });
    expect(formatOf(dir)).toEqual({ format: 2 });
    works = true;
    await open(dir, steps);
    expect(formatOf(dir)).toEqual({ format: 3 });
  });

  test.each(['', 'rubbish', '{"format":"1"}', '{"format":-1}'])(
    'a damaged number (%j) does not stop the start',
    async (text) => {
      const dir = withOldData();
      writeFileSync(join(dir, 'format.json'), text);
      await open(dir, [step(2)]);
      expect(formatOf(dir)).toEqual({ format: 2 });
    },
  );
});
