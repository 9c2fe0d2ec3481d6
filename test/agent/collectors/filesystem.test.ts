import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Put } from '../../../agent/collectors/collector.ts';
import { filesystem, filesystemReader, parseMounts, putSpace } from '../../../agent/collectors/filesystem.ts';
import type { Ran } from '../../../agent/programs.ts';
import { FarSpace, parseStat, type Space } from '../../../agent/reading/far-space.ts';
import { machineFile, sampled } from '../../helpers/machine.ts';

const points = (machine: string) => parseMounts(machineFile(machine, 'proc/self/mountinfo')).map(({ point }) => point);
const space: Space = { bsize: 4096, blocks: 1000, bfree: 500, bavail: 450, files: 100, ffree: 75 };

/** Rounds of a reader over mounts; of the remote ones those in `dead` never answer, and a program that waits for them cannot be killed. */
function rounds(mounts: { point: string; isRemote: boolean }[], dead: Set<string>) {
  const asked: string[][] = [];
  const waiting = new Map<string, (ran: Ran) => void>();
  const far = new FarSpace(({ args }) => {
    const points = args.slice(4);
    asked.push(points);
    const lines = points.map((point) => (point === '/stale' ? '' : `4096 1000 500 450 100 75 ${point}\n`));
    const ran = { output: lines.join(''), errors: "stat: cannot read '/stale': Stale file handle\n", code: 1 };
    const hung = points.find((point) => dead.has(point));
    return hung === undefined ? Promise.resolve(ran) : new Promise((resolve) => waiting.set(hung, () => resolve(ran)));
  });
  const reader = filesystemReader({
    listMounts: () => mounts.map((each) => ({ ...each, type: 'x' })),
    ask: () => Promise.resolve(space),
    far,
  });
  return {
    asked,
    wake(point: string) {
      dead.delete(point);
      waiting.get(point)?.({ output: '', errors: '', code: 1 });
    },
    /** One reading, and then to the end of what it has started. */
    async round(mono: number) {
      const values: Record<string, number | undefined> = {};
      const missed: string[] = [];
      const put: Put = (metric, value, ...labels) => {
        values[[metric.replace('system.filesystem.', ''), ...labels].join(' ')] = value;
      };
      await reader.read(put, { mono }, (what) => void missed.push(what));
      const rest = far.tend([], mono);
      await vi.advanceTimersByTimeAsync(30_000);
      await rest;
      return { values, missed };
    },
  };
}

describe('file systems', () => {
  it('are the real ones, each once, with blanks in their names, local ones first', () => {
    expect(points('vm')).toEqual(['/']);
    expect(points('pi4')).toEqual(['/', '/boot/firmware', '/mnt/nas photos']);
    expect(parseMounts(machineFile('pi4', 'proc/self/mountinfo')).map(({ isRemote }) => isRemote)).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('leave out snaps, container layers and bind mounts, and take what is mounted on top', () => {
    expect(points('server64')).toEqual(['/', '/pool', '/srv', '/mnt/old']);
  });

  it('are, inside a container, its own root and its volumes', () => {
    expect(points('container')).toEqual(['/', '/data']);
  });

  it('can be left out by pattern, and survive lines cut short', () => {
    expect(parseMounts(machineFile('pi4', 'proc/self/mountinfo'), (point) => point.startsWith('/mnt')).length).toBe(2);
    expect(parseMounts('23 1 179:2 / / rw\n24 23\n\n - ext4\n')).toEqual([]);
  });

  it('have names in UTF-8', () => {
    const latin1 = Buffer.from('23 1 8:1 / /data/müll rw - ext4 /dev/sda1 rw\n').toString('latin1');
    expect(parseMounts(latin1)[0]?.point).toBe('/data/müll');
  });

  it('are as full as df(1) says: what is kept for root counts as neither used nor free', () => {
    const values: Record<string, unknown> = {};
    const put: Put = (metric, value, ...labels) => {
      values[[metric, ...labels].join(' ')] = value;
    };
    putSpace(put, '/', space);
    expect(values['system.filesystem.utilization /']).toBeCloseTo(500 / 950, 3);
    expect(values['system.filesystem.inodes.utilization /']).toBe(0.25);
    expect(values['system.filesystem.limit /']).toBe(4_096_000);
  });

  it('are read on this machine', async () => {
    const now = await sampled([filesystem]).at(0);
    expect(now['system.filesystem.utilization{system.filesystem.mountpoint="/"}']).toBeGreaterThan(0);
  });

  it('of the network never hold up a frame: one that hangs is named, and not asked again before it has answered', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const mounts = [
      { point: '/', isRemote: false },
      { point: '/nas', isRemote: true },
      { point: '/nas 2', isRemote: true },
    ];
    const { round, asked, wake } = rounds(mounts, new Set(['/nas']));
    const first = await round(0);
    expect(first.values).toMatchObject({ 'utilization /': 0.5263 });
    const second = await round(60_000);
    expect(second.values).toMatchObject({ 'hung /nas': 1, 'hung /nas 2': 0, 'utilization /nas 2': 0.5263 });
    expect(second.values).not.toHaveProperty('utilization /nas');
    expect(second.missed).toEqual(['/nas: it does not answer']);
    await round(120_000);
    expect(asked.filter((points) => points.includes('/nas'))).toEqual([['/nas', '/nas 2'], ['/nas']]);
    expect(asked.at(-1)).toEqual(['/nas 2']);
    wake('/nas');
    await round(180_000);
    expect((await round(240_000)).values).toMatchObject({ 'hung /nas': 0, 'utilization /nas': 0.5263 });
  });

  it('of the network that answer with an error are named with it', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { round } = rounds([{ point: '/stale', isRemote: true }], new Set());
    await round(0);
    expect(await round(60_000)).toEqual({ values: { 'hung /stale': 0 }, missed: ['/stale: Stale file handle'] });
  });

  it('are read from stat as GNU and BusyBox write it, also when the text is cut short', () => {
    const text = '4096 26199568 20112041 19006113 6684672 6212909 /mnt/a b\n512 1 1 1 0 0 /x\n4096 12 1';
    expect([...parseStat(text)]).toEqual([
      [
        '/mnt/a b',
        { bsize: 4096, blocks: 26199568, bfree: 20112041, bavail: 19006113, files: 6684672, ffree: 6212909 },
      ],
      ['/x', { bsize: 512, blocks: 1, bfree: 1, bavail: 1, files: 0, ffree: 0 }],
    ]);
  });
});
