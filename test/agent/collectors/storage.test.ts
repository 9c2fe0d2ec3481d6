import { describe, expect, it } from 'vitest';
import { isDegraded, parseMdstat, raid } from '../../../agent/collectors/raid.ts';
import { parsePools, zfs } from '../../../agent/collectors/zfs.ts';
import { ProgramError } from '../../../agent/programs.ts';
import { copyMachine, machineFile, recorded, sampled } from '../../helpers/machine.ts';

// The machine `nas` is hand-made from md.rst and OpenZFS' documentation.

describe('software RAID', () => {
  it('is degraded when disks are missing or failed, or it does not run', async () => {
    const { at, sampler } = sampled([raid], { root: copyMachine('nas').root });
    await sampler.sampleSlow({ at: 0, mono: 0 }, 1000);
    const now = await at(0);
    const degraded = Object.entries(now).filter(([key]) => key.startsWith('system.raid.degraded'));
    expect(degraded.map(([key, value]) => `${/"(.*)"/.exec(key)?.[1]} ${value}`)).toEqual([
      'md127 0',
      'md2 1',
      'md3 0',
      'md4 1',
      'md5 0',
    ]);
    expect(now).toMatchObject({
      'system.raid.disks{system.device="md2",system.raid.disk.state="active"}': 3,
      'system.raid.disks{system.device="md2",system.raid.disk.state="failed"}': 1,
      'system.raid.disks{system.device="md2",system.raid.disk.state="missing"}': 1,
      'system.raid.disks{system.device="md4",system.raid.disk.state="spare"}': 1,
      'system.raid.sync{system.device="md127"}': 1,
      'system.raid.sync{system.device="md2"}': 0.085,
      'system.raid.sync{system.device="md5"}': 0,
    });
  });

  it('is read also while it is checked, and from a text cut short', () => {
    const checked =
      'md0 : active raid1 sdb1[1] sda1[0]\n      10 blocks [2/2] [UU]\n      [>....]  check =  0.4% (1/2) finish=1min\n';
    expect(parseMdstat(checked)).toMatchObject([{ action: 'check', progress: 0.004, working: 2 }]);
    expect(parseMdstat(checked).map(isDegraded)).toEqual([false]);
    const text = machineFile('nas', 'proc/mdstat');
    for (let end = 0; end < text.length; end += 7) expect(() => parseMdstat(text.slice(0, end))).not.toThrow();
    expect(parseMdstat('Personalities : \nunused devices: <none>\n')).toEqual([]);
  });
});

describe('ZFS', () => {
  it('tells of its pools and of its cache', async () => {
    const { root, change } = copyMachine('nas');
    const { at, sampler } = sampled([zfs], { root, run: recorded('nas') });
    await sampler.sampleSlow({ at: 0, mono: 0 }, 1000);
    expect(await at(0)).toEqual({
      'system.zfs.arc.usage': 8589934592,
      'system.zfs.pool.healthy{zfs.pool="tank"}': 1,
      'system.zfs.pool.utilization{zfs.pool="tank"}': 0.6,
      'system.zfs.pool.usage{zfs.pool="tank"}': 23991232659456,
      'system.zfs.pool.limit{zfs.pool="tank"}': 39985387765760,
      'system.zfs.pool.fragmentation{zfs.pool="tank"}': 0.12,
      'system.zfs.pool.healthy{zfs.pool="old"}': 0,
    });
    change('proc/spl/kstat/zfs/arcstats', '9000', '9300');
    change('proc/spl/kstat/zfs/arcstats', '1000', '1100');
    await sampler.sampleSlow({ at: 0, mono: 60_000 }, 1000);
    expect((await at(60_000))['system.zfs.arc.hit_ratio']).toBe(0.75);
  });

  it('still tells of its cache when zpool does not answer, and says so', async () => {
    const run = () => Promise.reject(new ProgramError('zpool did not end within 20 s'));
    const { at, sampler } = sampled([zfs], { root: copyMachine('nas').root, run });
    await sampler.sampleSlow({ at: 0, mono: 0 }, 1000);
    expect(Object.keys(await at(0))).toEqual(['system.zfs.arc.usage']);
    expect(sampler.states[0]?.missed).toEqual(['zpool did not end within 20 s']);
    expect(parsePools('x\t1\n\n\t\t\t\t\t\n')).toEqual([]);
  });
});
