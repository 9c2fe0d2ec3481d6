import { describe, expect, it } from 'vitest';
import { parseCpuTimes } from '../../../agent/collectors/cpu.ts';
import { parseDiskstats } from '../../../agent/collectors/disk.ts';
import { parseMounts } from '../../../agent/collectors/filesystem.ts';
import { parseMeminfo } from '../../../agent/collectors/memory.ts';
import { parseNetDev } from '../../../agent/collectors/network.ts';
import { parseStarted } from '../../../agent/collectors/processes.ts';
import { parseMdstat } from '../../../agent/collectors/raid.ts';
import { parseShow } from '../../../agent/reading/systemd.ts';
import { linuxFile as text } from '../../helpers/systems.ts';

// Texts of machines that are not ours; test/fixtures/systems/README.md says whose.

describe('what other kernels and distributions write', () => {
  it('disks are read whatever the number of their fields: 11, 15 since 4.18, 17 since 5.5', () => {
    const disks = parseDiskstats(text('diskstats'));
    expect(disks.map(({ name }) => name)).toEqual(['sda', 'dm-0', 'mmcblk0', 'vda', 'nvme0n1', 'sdb', 'sdc']);
    expect(disks.find(({ name }) => name === 'sdc')).toEqual({
      name: 'sdc',
      reads: 126_552,
      readBytes: 1_657_779 * 512,
      readMs: 14,
      writes: 11_822,
      writtenBytes: 172_905 * 512,
      writeMs: 1_007,
      busyMs: 10_730,
    });
  });

  it('processors of 2014, and the processes started since', () => {
    const times = parseCpuTimes(text('stat'));
    expect([...times.keys()]).toEqual(['', '0', '1', '2', '3', '4', '5', '6', '7']);
    expect(times.get('')).toEqual({
      user: 301_854,
      nice: 612,
      system: 111_922,
      idle: 8_979_004,
      iowait: 3_552,
      interrupt: 3_946,
      steal: 0,
    });
    expect(parseStarted(text('stat'))).toBe(26_442);
  });

  it('interfaces whose bytes stand right behind the colon, and one with a colon in its name', () => {
    const all = parseNetDev(text('net-dev'));
    expect(all.map(({ name }) => name)).toEqual([
      'tun0',
      'veth4B09XN',
      'lo',
      'eth0',
      'lxcbr0',
      'wlan0',
      'docker0',
      'ibr10:30',
    ]);
    expect(all.find(({ name }) => name === 'eth0')).toMatchObject({
      receivedBytes: 68_210_035_552,
      sentBytes: 9_315_587_528,
    });
  });

  it('arrays of every kind: whole, lost a disk, rebuilding, waiting, without redundancy, of another maker', () => {
    const arrays = new Map(parseMdstat(text('mdstat')).map((each) => [each.name, each]));
    expect(arrays.size).toBe(11);
    expect(arrays.get('md3')).toMatchObject({ isActive: true, working: 8, wanted: 8 });
    expect(arrays.get('md7')).toMatchObject({ working: 3, wanted: 4 });
    expect(arrays.get('md6')?.progress).toBeCloseTo(0.085);
    expect(arrays.get('md4')).toMatchObject({ isActive: false });
    expect(arrays.get('md219')).toMatchObject({ isActive: false });
    expect(arrays.get('md12')).toMatchObject({ isActive: true });
  });

  it('memory of a Raspberry Pi whose lines are not aligned', () => {
    expect(parseMeminfo(text('meminfo-pi'))).toEqual({
      total: 949_328 * 1024,
      free: 49_512 * 1024,
      available: 884_628 * 1024,
      swapTotal: 102_396 * 1024,
      swapFree: 102_392 * 1024,
    });
  });

  it('mounts without optional fields, and those of a container on a Mac', () => {
    expect(parseMounts(text('mountinfo-gentoo'))).toEqual([{ point: '/', type: 'btrfs', isRemote: false }]);
    expect(parseMounts(text('mountinfo-docker-mac'))).toEqual([{ point: '/', type: 'overlay', isRemote: false }]);
  });

  it('a service whose manager counts nothing has no memory and no time, not zero', () => {
    expect(parseShow(text('systemctl-show'))).toEqual([
      { name: '', state: 'unknown', pid: 473, restarts: 0, group: '/system.slice/ddclient.service' },
    ]);
  });
});
