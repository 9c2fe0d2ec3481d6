import { describe, expect, it } from 'vitest';
import { load, parseLoad } from '../../../agent/collectors/load.ts';
import { parseStarted, processes } from '../../../agent/collectors/processes.ts';
import { parseUptime, uptime } from '../../../agent/collectors/uptime.ts';
import { copyMachine, machineFile, sampled } from '../../helpers/machine.ts';

describe('load', () => {
  it('is three averages', async () => {
    expect(parseLoad(machineFile('server64', 'proc/loadavg'))).toEqual([41.02, 38.77, 36.1]);
    const now = await sampled([load], { root: copyMachine('pi4').root }).at(0);
    expect(Object.values(now)).toEqual([0.31, 0.22, 0.18]);
  });
});

describe('uptime', () => {
  it('is whole seconds', async () => {
    expect(parseUptime('389412.77 1523345.21\n')).toBe(389412);
    expect(await sampled([uptime], { root: copyMachine('server64').root }).at(0)).toEqual({
      'system.uptime': 20122331,
    });
    expect((await sampled([uptime], { platform: 'win32' }).at(0))['system.uptime']).toBeGreaterThan(0);
  });
});

describe('processes', () => {
  it('are counted, and those that start are a rate', async () => {
    const { root, change } = copyMachine('container');
    const { at } = sampled([processes], { root });
    expect(await at(0)).toEqual({ 'system.process.count': 3 });
    change('proc/stat', 'processes 812331', 'processes 812341');
    expect((await at(5000))['system.process.created.rate']).toBe(2);
    expect(parseStarted('cpu 1\n')).toBeUndefined();
  });

  it('are about as many as there are names in /proc on this machine', async () => {
    const { readdirSync } = await import('node:fs');
    const { at, sampler } = sampled([processes]);
    const counted = (await at(0))['system.process.count'] ?? 0;
    const listed = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
    expect(Math.abs(counted - listed)).toBeLessThan(20);
    sampler.close();
  });
});
