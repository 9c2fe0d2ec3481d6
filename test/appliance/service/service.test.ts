import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { askDisk } from '../../../appliance/service-beat.ts';
import { openServiceManager } from '../../../appliance/service-manager.ts';
import { type Program, startProgram } from '../../helpers/program.ts';
import { makeDirectory, removeDirectory, temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

let folder: string;
let service: string;
beforeAll(async () => {
  folder = makeDirectory('reeve-service-');
  service = join(folder, 'beating.mjs');
  const entryPoints = [join(import.meta.dirname, 'beating.ts')];
  await build({ entryPoints, outfile: service, bundle: true, platform: 'node', format: 'esm', target: 'node20' });
  return () => removeDirectory(folder);
});

let systemd: Program | undefined;
let pid = 0;
afterEach(async () => {
  if (pid > 0) process.kill(pid, 'SIGKILL');
  pid = 0;
  await systemd?.kill();
  systemd = undefined;
});

/** A real socket of the kind that systemd has, in a process of its own, and the service below it. */
async function start(how: 'handed' | 'named', watchdogMs: number): Promise<Program> {
  const socket = join(temporaryDirectory(), 'notify');
  const script = join(import.meta.dirname, 'as-systemd.pl');
  const words = [socket, String(watchdogMs * 1_000), how, process.execPath, service];
  const program = startProgram(['perl', script, ...words]);
  systemd = program;
  await until(() => program.output().includes('said READY=1'), { what: `it is ready: ${program.output()}` });
  pid = Number(/^pid (\d+)/m.exec(program.output())?.[1]);
  return program;
}

const beats = (program: Program): number => program.output().split('WATCHDOG=1').length - 1;
const moreBeats = async (program: Program): Promise<void> => {
  const before = beats(program);
  await until(() => beats(program) >= before + 2, { what: 'two more beats' });
};
/** Longer than a watchdog of this span would wait. */
const silentFor = async (program: Program, ms: number): Promise<void> => {
  let since = performance.now();
  let last = beats(program);
  await until(
    () => {
      if (beats(program) !== last) [since, last] = [performance.now(), beats(program)];
      return performance.now() - since > ms;
    },
    { timeoutMs: 20 * ms, what: 'no beat for a whole span' },
  );
};

describe('a service below systemd', () => {
  test('says that it is ready, beats, and says that it stops, over the socket that was opened for it', async () => {
    const program = await start('handed', 300);
    await moreBeats(program);
    process.kill(pid, 'SIGTERM');
    pid = 0;
    await until(() => program.output().includes('STOPPING=1'), { what: 'it says that it stops' });
    expect(program.output()).toContain('said READY=1 | STATUS=all is well');
    // Told again only when it has changed.
    expect(program.output().split('STATUS=all is well')).toHaveLength(2);
  });

  test('gives nothing of it to processes that it starts', async () => {
    const program = await start('handed', 300);
    const names = JSON.parse(/^\[.*\]$/m.exec(program.output())?.[0] ?? '[]') as string[];
    expect(names).toContain('PATH');
    expect(names.filter((name) => /^(NOTIFY|LISTEN|WATCHDOG)_/.test(name))).toEqual([]);
  });

  test('is silent from the moment at which its event loop hangs', async () => {
    const program = await start('handed', 300);
    await moreBeats(program);
    process.kill(pid, 'SIGUSR2');
    await silentFor(program, 600);
  });

  test('is silent from the moment at which its disk hangs', async () => {
    const program = await start('handed', 300);
    await moreBeats(program);
    process.kill(pid, 'SIGUSR1');
    await silentFor(program, 600);
  });

  test.runIf(process.platform === 'linux')(
    'speaks through systemd-notify where no socket was opened',
    async () => {
      const program = await start('named', 3_000);
      await moreBeats(program);
    },
    20_000,
  );
});

describe('where no systemd asks', () => {
  test('nothing is said, whatever else stands in the environment', () => {
    const said: string[] = [];
    const env = { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify', WATCHDOG_USEC: '1000' };
    const manager = openServiceManager(env, {
      pid: 7,
      write: (_fd, text) => said.push(text),
      spawn: () => said.push('x'),
    });
    manager.tell('READY=1');
    expect(said).toEqual([]);
    expect(manager.watchdogMs).toBeUndefined();
  });

  test('a socket that was opened for another process is left alone', () => {
    const said: unknown[] = [];
    const env = {
      NOTIFY_SOCKET: '/run/x',
      LISTEN_PID: '8',
      LISTEN_FDS: '1',
      LISTEN_FDNAMES: 'notify',
      WATCHDOG_USEC: '1000',
      WATCHDOG_PID: '8',
    };
    const manager = openServiceManager(env, {
      pid: 7,
      write: () => said.push('written'),
      spawn: (states) => said.push(states),
    });
    manager.tell('READY=1');
    expect(said).toEqual([['READY=1']]);
    expect(manager.watchdogMs).toBeUndefined();
  });
});

test('a disk without the file answers with an error, which is an answer', async () => {
  await expect(askDisk(temporaryDirectory())).rejects.toMatchObject({ code: 'ENOENT' });
});
