import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { collectors } from '../../agent/collectors/index.ts';
import { SystemFiles } from '../../agent/files.ts';
import { linuxProcesses } from '../../agent/top/linux.ts';
import { Top } from '../../agent/top/top.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { copyMachine, MACHINES, sampled } from '../helpers/machine.ts';
import { until } from '../helpers/until.ts';

// How much work a frame is and what it waits for is counted; how long it takes is held to a limit that only a frame which waits breaks.
const FRAME_MS = 450;

const PROCESSES = 2_000;
const MOUNTS = 200;

/**
 * 64 cores, 36 disks and 80 container interfaces of `server64`, with 2,000 processes and 200 file systems of its own: `proc` as in a container, so that the
 * processes have to be counted by name.
 */
function busyMachine(root: string) {
  cpSync(join(MACHINES, 'server64'), root, { recursive: true, verbatimSymlinks: true });
  const text = (pid: number) =>
    `${pid} (worker ${pid % 40}) S 1 ${pid} ${pid} 0 -1 4194560 60 0 1 0 ${pid} 3 0 0 20 0 1 0 ${pid} 22880256 ${pid} 18446744073709551615 1 1 0\n`;
  for (let pid = 1; pid <= PROCESSES; pid++) {
    mkdirSync(join(root, 'proc', String(pid)), { recursive: true });
    writeFileSync(join(root, 'proc', String(pid), 'stat'), text(pid));
  }
  const points = Array.from({ length: MOUNTS }, (_, i) => join(root, `mnt${i}`));
  for (const point of points) mkdirSync(point);
  const lines = points.map(
    (point, i) => `${100 + i} 1 8:${i} / ${point} rw,relatime shared:${i} - ext4 /dev/sd${i} rw`,
  );
  writeFileSync(join(root, 'proc/self/mountinfo'), `${lines.join('\n')}\n`);
  return points;
}

/** All processors have worked and waited since. */
function passTime(root: string): void {
  const stat = join(root, 'proc/stat');
  const lines = readFileSync(stat, 'utf8').split('\n');
  const later = lines.map((line) =>
    line.startsWith('cpu') ? line.replace(/^(\S+ +)(\d+)/, (_, name, user) => `${name}${Number(user) + 250}`) : line,
  );
  writeFileSync(stat, later.join('\n'));
}

/** An engine that holds its answers back until it is told. */
async function engineInStorm(root: string, count: number) {
  const socket = join(root, 'run/podman/podman.sock');
  mkdirSync(dirname(socket), { recursive: true });
  const ids = Array.from({ length: count }, (_, i) => i.toString(16).padStart(64, 'c'));
  const restarts = new Map<string, number>();
  const held: (() => void)[] = [];
  const open = { now: 0, most: 0, asked: 0, isHolding: true };
  const answer = (url: string, response: ServerResponse) => {
    open.now--;
    const id = /^\/containers\/([0-9a-f]{64})\/json/.exec(url)?.[1];
    if (id !== undefined) restarts.set(id, (restarts.get(id) ?? 0) + 1);
    const one = { RestartCount: restarts.get(id ?? ''), State: { Pid: 0 } };
    const all = ids.map((Id, i) => ({
      Id,
      Names: [`/c${i}`],
      State: 'restarting',
      Status: 'Restarting (1) 1 second ago',
    }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(id === undefined ? all : one));
  };
  const server = createServer(({ url = '' }, response) => {
    open.asked++;
    open.now++;
    open.most = Math.max(open.most, open.now);
    if (open.isHolding) held.push(() => answer(url, response));
    else answer(url, response);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    open,
    goOn() {
      open.isHolding = false;
      for (const each of held.splice(0)) each();
    },
  };
}

async function timed<T>(work: Promise<T>): Promise<{ ms: number; value: T }> {
  const startedAt = performance.now();
  return { value: await work, ms: performance.now() - startedAt };
}

describe('a machine with 64 cores, 2,000 processes and 200 file systems', { timeout: 60_000 }, () => {
  const root = makeDirectory();
  let points: string[] = [];
  beforeAll(() => {
    points = busyMachine(root);
  }, 60_000);
  afterAll(() => removeDirectory(root), 60_000);

  it('is read whole for its frames, each within what a frame waits', async () => {
    const { at, sampler, log } = sampled(collectors, { root });
    const answered = new Map<string, number | null>();
    // One that is late, as on a machine that is busy with tests, is asked again when its collector is due.
    let now = 0;
    const isWhole = async () => {
      now += 15_000;
      const values = Object.entries(await at(now));
      for (const [key, value] of values) if (key.includes('filesystem.limit')) answered.set(key, value);
      return answered.size >= MOUNTS;
    };
    await until(isWhole, { timeoutMs: 20_000, what: 'all file systems have answered' });
    const frames = [];
    for (const later of [5_000, 10_000, 15_000, 20_000, 25_000]) {
      passTime(root);
      frames.push(await timed(at(now + later)));
    }
    const values = frames.at(-1)?.value ?? {};
    expect(Object.keys(values).filter((key) => key.startsWith('system.cpu.core'))).toHaveLength(64);
    expect(values['system.process.count']).toBe(PROCESSES);
    for (const point of points)
      expect(answered.get(`system.filesystem.limit{system.filesystem.mountpoint="${point}"}`)).toBeGreaterThan(0);
    // The middle one: a machine that runs tests may stop any single one for longer.
    expect(frames.map(({ ms }) => ms).sort((a, b) => a - b)[2]).toBeLessThan(FRAME_MS);
    expect(log.lines).toEqual([]);
    expect(sampler.states.filter(({ state }) => state === 'failing')).toEqual([]);
  });

  it('sends its frame while somebody asks for its processes', async () => {
    const source = linuxProcesses(new SystemFiles(root));
    const { at } = sampled(collectors, { root });
    await at(0);
    const order: string[] = [];
    const scan = source.scan().then(() => order.push('all processes are read'));
    const frame = new Promise((resolve) => setImmediate(resolve)).then(() => at(5_000)).then(() => order.push('frame'));
    await Promise.all([scan, frame]);
    expect(order).toEqual(['frame', 'all processes are read']);
    const told = await new Top(source).ask();
    expect(told).toMatchObject({ seen: PROCESSES, leftOut: 0 });
    expect(told.items[0]?.name).toMatch(/^worker \d+$/);
  });
});

describe('a storm of 200 containers that are restarted again and again', { timeout: 60_000 }, () => {
  it('holds up no frame, has eight questions open at most, and is told when the engine has answered', async () => {
    const { root } = copyMachine('server64');
    const { open, goOn } = await engineInStorm(root, 200);
    const { at, sampler } = sampled(collectors, { root });
    await at(0);
    const isAsked = () => open.asked > 0;
    for (let mono = 5_000; mono <= 60_000 && !isAsked(); mono += 5_000) await at(mono);
    await until(isAsked, { what: 'the engine is asked' });
    // It has not answered: the frames leave, and it is not asked anew.
    const { ms, value } = await timed(at(65_000));
    expect(value['system.memory.utilization']).toBeGreaterThan(0);
    expect(Object.keys(value).filter((key) => key.startsWith('container.'))).toEqual([]);
    expect(ms).toBeLessThan(FRAME_MS);
    expect(open.asked).toBe(1);
    goOn();
    const state = () => sampler.states.find(({ id }) => id === 'containers');
    await until(() => state()?.state === 'reading', { timeoutMs: 20_000, what: 'all containers are looked at' });
    expect(open).toMatchObject({ asked: 201, most: expect.any(Number) });
    expect(open.most).toBeLessThanOrEqual(8);
    const after = await at(70_000);
    expect(Object.keys(after).filter((key) => key.startsWith('container.restarting'))).toHaveLength(200);
    expect(after['container.count{container.state="other"}']).toBe(200);
  });
});
