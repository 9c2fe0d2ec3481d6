import { describe, expect, it } from 'vitest';
import type { Put } from '../../../agent/collectors/collector.ts';
import {
  filesystem,
  filesystemReader,
  parseMounts,
  putSpace,
  type Space,
} from '../../../agent/collectors/filesystem.ts';
import { machineFile, sampled } from '../../helpers/machine.ts';

const points = (machine: string) => parseMounts(machineFile(machine, 'proc/self/mountinfo')).map(({ point }) => point);
const space: Space = { bsize: 4096, blocks: 1000, bfree: 500, bavail: 450, files: 100, ffree: 75 };

/** Values of one round of a reader over mounts, of which those in `dead` never answer. */
function rounds(mounts: { point: string; isRemote: boolean }[], dead: Set<string>) {
  const asked: string[] = [];
  const waiting = new Map<string, () => void>();
  const reader = filesystemReader(
    () => mounts.map((each) => ({ ...each, type: 'x' })),
    (point) => {
      asked.push(point);
      if (!dead.has(point)) return Promise.resolve(space);
      return new Promise((resolve) => waiting.set(point, () => resolve(space)));
    },
  );
  return {
    asked,
    wake: (point: string) => waiting.get(point)?.(),
    async round(mono: number) {
      const values: Record<string, number | undefined> = {};
      const startedAt = performance.now();
      await reader.read(
        (metric, value, ...labels) => {
          values[[metric.replace('system.filesystem.', ''), ...labels].join(' ')] = value;
        },
        { mono },
      );
      return { values, tookMs: performance.now() - startedAt };
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

  it('that hang are named, cost the frame at most the patience once, and are not asked again', async () => {
    const mounts = [
      { point: '/', isRemote: false },
      { point: '/nas', isRemote: true },
      { point: '/nas2', isRemote: true },
    ];
    const { round, asked, wake } = rounds(mounts, new Set(['/nas']));
    const first = await round(0);
    expect(first.values).toMatchObject({ 'hung /nas': 1, 'hung /nas2': 0, 'utilization /': 0.5263 });
    expect(first.values).not.toHaveProperty('utilization /nas');
    expect(first.tookMs).toBeLessThan(1000);
    const second = await round(10_000);
    expect(second.tookMs).toBeLessThan(200);
    expect(asked.filter((point) => point === '/nas')).toHaveLength(1);
    expect(second.values).toMatchObject({ 'hung /nas': 1, 'utilization /nas2': 0.5263 });
    wake('/nas');
    expect((await round(20_000)).values).toMatchObject({ 'hung /nas': 0, 'utilization /nas': 0.5263 });
  });

  it('that hang hold at most two of Node’s four threads, however many there are, and never a local one', async () => {
    const dead = ['/a', '/b', '/c', '/d', '/e'];
    const mounts = [{ point: '/', isRemote: false }, ...dead.map((point) => ({ point, isRemote: true }))];
    const { round, asked } = rounds(mounts, new Set(dead));
    for (const mono of [0, 10_000, 20_000]) expect((await round(mono)).values).toHaveProperty('utilization /');
    expect(asked.filter((point) => point !== '/')).toEqual(['/a', '/b']);
  });
});
