import { describe, expect, it } from 'vitest';
import { cpu, parseCpuTimes, timesFromSystem } from '../../../agent/collectors/cpu.ts';
import { copyMachine, machineFile, sampled } from '../../helpers/machine.ts';

const stat = (...lines: string[]) => `${lines.join('\n')}\nintr 1 2 3\nctxt 5\n`;

describe('the processor', () => {
  it('is read from saved files with all cores and nothing of the lines behind them', () => {
    const pi = parseCpuTimes(machineFile('pi4', 'proc/stat'));
    expect([...pi.keys()]).toEqual(['', '0', '1', '2', '3']);
    expect(pi.get('')).toEqual({
      user: 1204518,
      nice: 1530,
      system: 402187,
      idle: 152334521,
      iowait: 88213,
      interrupt: 12077,
      steal: 0,
    });
    expect(parseCpuTimes(machineFile('server64', 'proc/stat')).size).toBe(65);
    expect(parseCpuTimes(machineFile('vm', 'proc/stat')).size).toBe(3);
  });

  it('is understood from kernels with fewer columns, and from a text that ends early', () => {
    expect(parseCpuTimes('cpu  10 0 5 85\n').get('')).toMatchObject({ user: 10, idle: 85, steal: 0 });
    expect(parseCpuTimes('cpu  10 0 5 85').get('')).toMatchObject({ idle: 85 });
    expect(parseCpuTimes('').size).toBe(0);
  });

  it('says its use as a share of the time between two readings, in total, by mode and by core', async () => {
    const { root, write } = copyMachine('pi4');
    write('proc/stat', stat('cpu  1000 0 1000 8000 0 0 0 0 0 0', 'cpu0 500 0 500 4000', 'cpu1 500 0 500 4000'));
    const { at } = sampled([cpu], { root });
    expect(await at(0)).toEqual({});
    write('proc/stat', stat('cpu  1040 0 1010 8140 5 2 3 0 0 0', 'cpu0 540 0 510 4050', 'cpu1 500 0 500 4090'));
    const now = await at(5000);
    expect(now['system.cpu.utilization']).toBeCloseTo(55 / 200);
    expect(now['system.cpu.mode.utilization{cpu.mode="iowait"}']).toBeCloseTo(5 / 200);
    expect(now['system.cpu.mode.utilization{cpu.mode="interrupt"}']).toBeCloseTo(5 / 200);
    expect(now['system.cpu.core.utilization{cpu.logical_number="0"}']).toBeCloseTo(0.5);
    expect(now['system.cpu.core.utilization{cpu.logical_number="1"}']).toBe(0);
  });

  it('takes an idle counter that falls, as the kernel’s may, as standing still', async () => {
    const { root, write } = copyMachine('pi4');
    const { at } = sampled([cpu], { root });
    write('proc/stat', stat('cpu  100 0 0 1000 50'));
    await at(0);
    write('proc/stat', stat('cpu  150 0 0 1050 40'));
    expect((await at(1000))['system.cpu.utilization']).toBe(0.5);
  });

  it('says nothing when no time was counted between two readings', async () => {
    const { at } = sampled([cpu], { root: copyMachine('pi4').root });
    await at(0);
    expect(await at(1)).toEqual({});
  });

  it('starts a core that comes back afresh', async () => {
    const { root, write } = copyMachine('pi4');
    const { at } = sampled([cpu], { root });
    write('proc/stat', stat('cpu  0 0 0 0', 'cpu1 1000 0 0 1000'));
    await at(0);
    write('proc/stat', stat('cpu  50 0 0 50'));
    await at(1000);
    write('proc/stat', stat('cpu  99 0 0 99', 'cpu1 9000 0 0 1000'));
    expect(await at(2000)).not.toHaveProperty('system.cpu.core.utilization{cpu.logical_number="1"}');
  });

  it('sums the cores that the operating system tells elsewhere', () => {
    const times = { user: 10, nice: 0, sys: 5, idle: 80, irq: 5 };
    const all = timesFromSystem([
      { model: '', speed: 0, times },
      { model: '', speed: 0, times },
    ]);
    expect(all.get('')).toMatchObject({ user: 20, system: 10, idle: 160, interrupt: 10 });
    expect(all.get('1')).toMatchObject({ user: 10 });
  });
});
