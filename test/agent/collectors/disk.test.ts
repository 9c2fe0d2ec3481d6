import { describe, expect, it } from 'vitest';
import { disk, parseDiskstats } from '../../../agent/collectors/disk.ts';
import { copyMachine, machineFile, sampled } from '../../helpers/machine.ts';

const names = (machine: string) => parseDiskstats(machineFile(machine, 'proc/diskstats')).map(({ name }) => name);

describe('disks', () => {
  it('are whole disks: no partitions, loop or memory devices', () => {
    expect(names('vm')).toEqual(['vda']);
    expect(names('pi4')).toEqual(['mmcblk0']);
    expect(names('server64')).toHaveLength(12 + 24 + 3);
    expect(names('server64').filter((name) => /p\d|[a-z]1$/.test(name.replace('nvme', '').replace(/n1$/, '')))).toEqual(
      [],
    );
  });

  it('are read in bytes and milliseconds', () => {
    expect(parseDiskstats(machineFile('pi4', 'proc/diskstats'))[0]).toEqual({
      name: 'mmcblk0',
      reads: 154332,
      readBytes: 9012330 * 512,
      readMs: 812331,
      writes: 401223,
      writtenBytes: 20112330 * 512,
      writeMs: 9012331,
      busyMs: 2012331,
    });
    expect(parseDiskstats('   8       0 sda 1 2\n\n')[0]).toMatchObject({ name: 'sda', reads: 1, busyMs: 0 });
  });

  it('say what they transfer, how busy they are and how long an operation takes', async () => {
    const { root, change } = copyMachine('pi4');
    const { at } = sampled([disk], { root });
    expect(await at(0)).toEqual({});
    change(
      'proc/diskstats',
      'mmcblk0 154332 60112 9012330 812331 401223 310221 20112330 9012331 0 2012331',
      'mmcblk0 154342 60112 9014378 812381 401223 310221 20112330 9012331 0 2014831',
    );
    const now = await at(5000);
    const of = (name: string, direction: string) =>
      now[`${name}{disk.io.direction="${direction}",system.device="mmcblk0"}`];
    expect(of('system.disk.io.rate', 'read')).toBe(Math.round((2048 * 512) / 5));
    expect(of('system.disk.io.rate', 'write')).toBe(0);
    expect(of('system.disk.operations.rate', 'read')).toBe(2);
    expect(of('system.disk.operation.duration', 'read')).toBe(0.005);
    expect(of('system.disk.operation.duration', 'write')).toBe(0);
    expect(now['system.disk.utilization{system.device="mmcblk0"}']).toBe(0.5);
  });

  it('are never more than fully busy', async () => {
    const { root, change } = copyMachine('pi4');
    const { at } = sampled([disk], { root });
    await at(0);
    change('proc/diskstats', '0 2012331 9912331', '0 2019999 9912331');
    expect((await at(5000))['system.disk.utilization{system.device="mmcblk0"}']).toBe(1);
  });

  it('behind a mapper go by the volume’s name, which outlives a restart', async () => {
    const { at } = sampled([disk], { root: copyMachine('server64').root });
    await at(0);
    expect(Object.keys(await at(1000))).toContain('system.disk.utilization{system.device="vg0-data"}');
  });
});
