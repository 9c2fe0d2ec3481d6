import * as z from 'zod/mini';
import { matcher } from '../names.ts';
import { Instances } from '../rate.ts';
import { Disk, type DiskCounters } from '../reading/disk-counters.ts';
import { collector, type DescriptorInput, type Put, type ReaderDeps } from './collector.ts';
import { readMac } from './disk.darwin.ts';
import { readWindows } from './disk.win32.ts';

/** Sectors in /proc/diskstats have 512 bytes, whatever the disk's own are (iostats.rst). */
const SECTOR = 512;
/** Name and counters of each line but those that are no disks: loop and memory devices, drives for media, and the boot areas of eMMC. */
const DISK = /^ *\d+ +\d+ (?!loop|ram|zram|sr|fd|nbd|mtdblock|mmcblk\d+(?:boot|rpmb|gp))(\S+) (.*)$/gm;
const PARTITION = /^(?:(?:sd|vd|xvd|hd)[a-z]+\d+|(?:nvme\d+n|mmcblk|md|rbd|bcache)\d+p\d+)$/;

/** The whole disks of /proc/diskstats, which is in the order of the kernel's documentation (iostats.rst). */
export function parseDiskstats(text: string): DiskCounters[] {
  const disks: DiskCounters[] = [];
  for (const [, name = '', fields = ''] of text.matchAll(DISK)) {
    if (PARTITION.test(name)) continue;
    const [reads = 0, , sectorsRead = 0, readMs = 0, writes = 0, , sectorsWritten = 0, writeMs = 0, , busyMs = 0] =
      fields.split(' ').map(Number);
    const [readBytes, writtenBytes] = [sectorsRead * SECTOR, sectorsWritten * SECTOR];
    disks.push({ name, reads, readBytes, readMs, writes, writtenBytes, writeMs, busyMs });
  }
  return disks;
}

/** dm-0 may be another volume after a restart, so a mapped volume goes by its name. */
const labelOf = (name: string, { files }: ReaderDeps): string =>
  (name.startsWith('dm-') && files.once(`/sys/block/${name}/dm/name`)?.trim()) || name;

function readLinux({ skip }: { skip: string[] }, deps: ReaderDeps) {
  const diskstats = deps.files.kernel('/proc/diskstats');
  const isSkipped = matcher(skip);
  const disks = new Instances((name) => new Disk(labelOf(name, deps)));
  return {
    read(put: Put, { mono }: { mono: number }) {
      for (const counters of parseDiskstats(diskstats.text(mono)))
        if (!isSkipped(counters.name)) disks.get(counters.name).put(put, counters, mono);
      disks.sweep();
    },
  };
}

const perDisk = (id: string, title: string, rest: Partial<DescriptorInput>): DescriptorInput => ({
  id,
  title,
  unit: '1',
  kind: 'rate',
  rollup: 'average',
  attributes: ['system.device', 'disk.io.direction'],
  min: 0,
  ...rest,
});

/** What the disks read and write, how long it takes, and how busy they are. */
export const disk = collector({
  id: 'disk',
  title: 'Disks',
  isSlow: ['darwin', 'win32'],
  settings: z.object({ skip: z._default(z.array(z.string()), []) }),
  descriptors: [
    perDisk('system.disk.io.rate', 'Disk transfer', {
      unit: 'By/s',
      chart: { group: 'disk-io', order: 50, style: 'line' },
    }),
    perDisk('system.disk.operations.rate', 'Disk operations', {
      unit: '{operation}/s',
      chart: { group: 'disk-operations', order: 51, style: 'line' },
    }),
    perDisk('system.disk.utilization', 'Disk busy', {
      kind: 'gauge',
      attributes: ['system.device'],
      max: 1,
      chart: { group: 'disk-busy', order: 52, style: 'line' },
    }),
    perDisk('system.disk.operation.duration', 'Duration of a disk operation', {
      unit: 's',
      kind: 'gauge',
      chart: { group: 'disk-duration', order: 53, style: 'line' },
    }),
  ],
  read: { linux: readLinux, darwin: readMac, win32: readWindows },
});
