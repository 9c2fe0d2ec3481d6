import { matcher } from '../names.ts';
import { Instances } from '../rate.ts';
import { Disk, type DiskCounters } from '../reading/disk-counters.ts';
import type { Put, ReaderDeps } from './collector.ts';

const NS_PER_MS = 1e6;
const ARGUMENTS = ['-c', 'IOBlockStorageDriver', '-r', '-l', '-w', '0'] as const;

const numberIn = (statistics: string, name: string): number =>
  Number(new RegExp(`"${name}"=(\\d+)`).exec(statistics)?.[1] ?? 0);

/**
 * The disks of `ioreg -c IOBlockStorageDriver -r -l -w 0`: a driver's `Statistics`, and the name of the first medium below it. Disk
 * images are left out, because what they carry is on a disk. Times are sums over operations, so that how busy a disk is is not told.
 */
export function parseIoreg(output: string): DiskCounters[] {
  const disks: DiskCounters[] = [];
  let statistics: string | undefined;
  for (const line of output.split('\n')) {
    statistics = /"Statistics" = \{(.*)\}/.exec(line)?.[1] ?? statistics;
    if (/\+-o .*Disk Image/i.test(line)) statistics = undefined;
    const name = /"BSD Name" = "(disk\d+)"/.exec(line)?.[1];
    if (name === undefined || statistics === undefined) continue;
    const number = (key: string) => numberIn(statistics ?? '', key.replace(/[()]/g, '\\$&'));
    disks.push({
      name,
      reads: number('Operations (Read)'),
      readBytes: number('Bytes (Read)'),
      readMs: number('Total Time (Read)') / NS_PER_MS,
      writes: number('Operations (Write)'),
      writtenBytes: number('Bytes (Write)'),
      writeMs: number('Total Time (Write)') / NS_PER_MS,
      busyMs: undefined,
    });
    statistics = undefined;
  }
  return disks;
}

/** Disks of a Mac. */
export function readMac({ skip }: { skip: string[] }, { run }: ReaderDeps) {
  const isSkipped = matcher(skip);
  const disks = new Instances((name) => new Disk(name));
  return {
    everyMs: 10_000,
    async read(put: Put, { mono }: { mono: number }) {
      const { output } = await run({ command: 'ioreg', args: ARGUMENTS });
      for (const counters of parseIoreg(output))
        if (!isSkipped(counters.name)) disks.get(counters.name).put(put, counters, mono);
      disks.sweep();
    },
  };
}
