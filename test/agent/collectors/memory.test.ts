import { describe, expect, it } from 'vitest';
import { memory, parseMeminfo, parseSwapped } from '../../../agent/collectors/memory.ts';
import { copyMachine, machineFile, sampled } from '../../helpers/machine.ts';

describe('memory', () => {
  it('is read from saved files in bytes', () => {
    expect(parseMeminfo(machineFile('pi4', 'proc/meminfo'))).toEqual({
      total: 3885348 * 1024,
      free: 210332 * 1024,
      available: 2920112 * 1024,
      swapTotal: 204796 * 1024,
      swapFree: 190204 * 1024,
    });
    expect(parseMeminfo(machineFile('vm', 'proc/meminfo')).swapTotal).toBe(0);
  });

  it('works out what is available on a kernel that does not say, and never more than there is', () => {
    const old = 'MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 200 kB\nSReclaimable: 30 kB\n';
    expect(parseMeminfo(old).available).toBe(380 * 1024);
    expect(parseMeminfo('MemTotal: 10 kB\nMemFree: 5 kB\nMemAvailable: 99 kB\n').available).toBe(10 * 1024);
  });

  it('fails by name when the file is not what it should be', () => {
    expect(() => parseMeminfo('nonsense')).toThrow('MemTotal');
  });

  it('is used, cached and free, which make up the whole', async () => {
    const now = await sampled([memory], { root: copyMachine('pi4').root }).at(0);
    const states = ['used', 'cached', 'free'].map(
      (state) => now[`system.memory.usage{system.memory.state="${state}"}`],
    );
    expect(states.reduce((sum: number, each) => sum + (each ?? 0), 0)).toBe(now['system.memory.limit']);
    expect(now['system.memory.utilization']).toBeCloseTo(1 - 2920112 / 3885348, 3);
    expect(now['system.paging.utilization']).toBeCloseTo(1 - 190204 / 204796, 3);
  });

  it('says how many pages are swapped, and nothing about swap where there is none', async () => {
    const { root, change } = copyMachine('pi4');
    const { at } = sampled([memory], { root });
    await at(0);
    change('proc/vmstat', 'pswpin 1820', 'pswpin 1920');
    expect((await at(5000))['system.paging.operations.rate{system.paging.direction="in"}']).toBe(20);
    expect(parseSwapped('nr_free_pages 5\n')).toBeUndefined();
    expect(Object.keys(await sampled([memory], { root: copyMachine('vm').root }).at(0)).join()).not.toContain('paging');
  });
});
