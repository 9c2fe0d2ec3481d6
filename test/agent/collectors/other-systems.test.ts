import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Collector, Platform } from '../../../agent/collectors/collector.ts';
import { NothingToRead } from '../../../agent/collectors/collector.ts';
import { disk } from '../../../agent/collectors/disk.ts';
import { filesystem } from '../../../agent/collectors/filesystem.ts';
import { memory } from '../../../agent/collectors/memory.ts';
import { network } from '../../../agent/collectors/network.ts';
import { processes } from '../../../agent/collectors/processes.ts';
import { temperature } from '../../../agent/collectors/temperature.ts';
import { Wishes } from '../../../agent/expected.ts';
import { SystemFiles } from '../../../agent/files.ts';
import { runNothing } from '../../../agent/programs.ts';
import { sampled } from '../../helpers/machine.ts';

/** A reader made for another system, on this machine: systeminformation answers here too. Values by metric and labels. */
function readerOf(collector: Collector, platform: Platform, settings: object = {}) {
  const reader = collector.read[platform]?.(settings, {
    files: new SystemFiles(),
    run: runNothing,
    wishes: new Wishes(),
    describe: () => undefined,
  });
  return async (mono: number): Promise<Record<string, number>> => {
    const values: Record<string, number> = {};
    const put = (metric: string, value: number | undefined, ...labels: string[]) => {
      if (value !== undefined) values[[metric, ...labels].join(' ')] = value;
    };
    await reader?.read(put, { at: 0, mono }, () => undefined);
    return values;
  };
}

/** What a collector may say; a label too many or too few is a mistake in its reader. */
function fits({ descriptors }: Collector, values: Record<string, number>): boolean {
  return Object.entries(values).every(([key, value]) => {
    const found = descriptors.find(({ id }) => id === key.split(' ')[0]);
    const { attributes = [], min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = found ?? {};
    return found && key.split(' ').length === attributes.length + 1 && value >= min && value <= max;
  });
}

describe('readers for systems without /proc', { timeout: 30_000 }, () => {
  it.each(['darwin', 'win32'] as const)('memory, as %s tells it, is all of it and adds up', async (platform) => {
    const values = await readerOf(memory, platform)(0);
    expect(values['system.memory.limit']).toBe(totalmem());
    const parts = ['used', 'cached', 'free'].map((state) => values[`system.memory.usage ${state}`] ?? 0);
    expect(Math.abs(parts.reduce((sum, part) => sum + part) - totalmem())).toBeLessThan(totalmem() / 100);
    expect(fits(memory, values)).toBe(true);
  });

  it('network interfaces have rates from the second reading on', async () => {
    const read = readerOf(network, 'darwin', { skip: [] });
    const first = await read(0);
    expect(Object.keys(first).some((key) => key.includes('io.rate'))).toBe(false);
    const names = Object.keys(first).map((key) => key.split(' ')[1]);
    expect(names).toContain('lo');
    const second = await read(1_000);
    expect(second['system.network.io.rate lo receive']).toBeGreaterThanOrEqual(0);
    expect(second['system.network.receive.rate']).toBeGreaterThanOrEqual(0);
    expect(fits(network, second)).toBe(true);
  });

  it('loopback stays out unless it is asked for', async () => {
    const values = await readerOf(network, 'win32')(0);
    expect(Object.keys(values).filter((key) => key.endsWith(' lo'))).toEqual([]);
  });

  it('file systems are as full as Linux’s own reader says', async () => {
    const slowly = await readerOf(filesystem, 'darwin')(0);
    const own = await sampled([filesystem]).at(0);
    const root = 'system.filesystem.limit{system.filesystem.mountpoint="/"}';
    if (own[root] != null) expect(slowly['system.filesystem.limit /']).toBe(own[root]);
    expect(Object.keys(slowly).length).toBeGreaterThan(0);
    expect(fits(filesystem, slowly)).toBe(true);
  });

  it('a file system that is to be skipped is skipped', async () => {
    expect(await readerOf(filesystem, 'darwin', { skip: ['*'] })(0)).toEqual({});
  });

  it('disks have the sum of all', async () => {
    const read = readerOf(disk, 'win32');
    await read(0);
    expect(fits(disk, await read(10_000))).toBe(true);
  });

  it('processes are counted, ours among them', async () => {
    expect((await readerOf(processes, 'win32')(0))['system.process.count']).toBeGreaterThan(1);
  });

  it('a temperature that the system does not show is nothing to read, not a zero', async () => {
    const read = readerOf(temperature, 'darwin');
    const values = await read(0).catch((error: unknown) => error);
    if (values instanceof Error) expect(values).toBeInstanceOf(NothingToRead);
    else expect((values as Record<string, number>)['hw.temperature cpu']).toBeGreaterThan(-50);
  });
});
