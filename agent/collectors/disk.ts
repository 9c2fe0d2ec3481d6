import * as z from 'zod/mini';
import { matcher } from '../names.ts';
import { Growth, Instances, Rate } from '../rate.ts';
import { collector, type DescriptorInput, type Put, type ReaderDeps } from './collector.ts';

/** What a disk has done since boot. */
export interface DiskCounters {
  name: string;
  reads: number;
  readBytes: number;
  readMs: number;
  writes: number;
  writtenBytes: number;
  writeMs: number;
  /** Time in which at least one request was open. */
  busyMs: number;
}

/** Sectors in /proc/diskstats have 512 bytes, whatever the disk's own are (iostats.rst). */
const SECTOR = 512;
/** Not disks: loop and memory devices, drives for media, and the boot areas of eMMC. */
const NO_DISK = /^(?:loop|ram|zram|sr|fd|nbd|mtdblock|mmcblk\d+(?:boot|rpmb|gp))\d*/;
const PARTITION = /^(?:(?:sd|vd|xvd|hd)[a-z]+\d+|(?:nvme\d+n|mmcblk|md|rbd|bcache)\d+p\d+)$/;

/** The whole disks of /proc/diskstats, which is in the order of the kernel's documentation (iostats.rst). */
export function parseDiskstats(text: string): DiskCounters[] {
  const disks: DiskCounters[] = [];
  for (const line of text.split('\n')) {
    const [, , name = '', ...fields] = line.trim().split(/ +/);
    if (name === '' || NO_DISK.test(name) || PARTITION.test(name)) continue;
    const [reads = 0, , sectorsRead = 0, readMs = 0, writes = 0, , sectorsWritten = 0, writeMs = 0, , busyMs = 0] =
      fields.map(Number);
    const [readBytes, writtenBytes] = [sectorsRead * SECTOR, sectorsWritten * SECTOR];
    disks.push({ name, reads, readBytes, readMs, writes, writtenBytes, writeMs, busyMs });
  }
  return disks;
}

/** One disk: rates and mean durations since the last call. */
class Disk {
  readonly label: string;
  readonly #rates = [new Rate(), new Rate(), new Rate(), new Rate(), new Rate()] as const;
  readonly #growth = [new Growth(), new Growth(), new Growth(), new Growth()] as const;

  constructor(label: string) {
    this.label = label;
  }

  put(put: Put, now: DiskCounters, mono: number): void {
    const [readBytes, writtenBytes, reads, writes, busy] = this.#rates;
    const [readCount, readMs, writeCount, writeMs] = this.#growth;
    const { label } = this;
    put('system.disk.io.rate', whole(readBytes.next(now.readBytes, mono)), label, 'read');
    put('system.disk.io.rate', whole(writtenBytes.next(now.writtenBytes, mono)), label, 'write');
    put('system.disk.operations.rate', rounded(reads.next(now.reads, mono)), label, 'read');
    put('system.disk.operations.rate', rounded(writes.next(now.writes, mono)), label, 'write');
    const busyMsPerSecond = busy.next(now.busyMs, mono);
    // The kernel counts in its own ticks, so a disk may seem busy for a little more than all the time.
    if (busyMsPerSecond !== undefined)
      put('system.disk.utilization', Math.min(1, rounded(busyMsPerSecond / 1000) ?? 0), label);
    put('system.disk.operation.duration', seconds(readMs.next(now.readMs), readCount.next(now.reads)), label, 'read');
    put(
      'system.disk.operation.duration',
      seconds(writeMs.next(now.writeMs), writeCount.next(now.writes)),
      label,
      'write',
    );
  }
}

const whole = (value: number | undefined) => (value === undefined ? undefined : Math.round(value));
const rounded = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 1e3) / 1e3);

/** Mean seconds for one operation; 0 when there was none, so that an idle disk draws a line and no hole. */
const seconds = (ms: number | undefined, count: number | undefined): number | undefined => {
  if (ms === undefined || count === undefined) return undefined;
  return count === 0 ? 0 : Math.round((ms / count) * 1e3) / 1e6;
};

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

/** Elsewhere only the sum of all disks can be had without a driver of our own. */
function readSlowly() {
  return {
    everyMs: 10_000,
    async read(put: Put) {
      const { fsStats } = await import('systeminformation');
      const { rx_sec: read, wx_sec: written } = await fsStats();
      put('system.disk.io.rate', read ?? undefined, 'all', 'read');
      put('system.disk.io.rate', written ?? undefined, 'all', 'write');
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
  read: { linux: readLinux, darwin: readSlowly },
});
