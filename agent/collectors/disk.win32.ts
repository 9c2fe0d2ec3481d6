import * as z from 'zod/mini';
import { matcher } from '../names.ts';
import { Instances } from '../rate.ts';
import { Disk, type DiskCounters } from '../reading/disk-counters.ts';
import { number, query, rowsOf, text } from '../reading/windows/rows.ts';
import type { Put, ReaderDeps } from './collector.ts';

const PROPERTIES = [
  ...['Name', 'DiskReadBytesPersec', 'DiskWriteBytesPersec', 'AvgDisksecPerRead', 'AvgDisksecPerRead_Base'],
  ...['AvgDisksecPerWrite', 'AvgDisksecPerWrite_Base', 'PercentIdleTime', 'PercentIdleTime_Base'],
  ...['Frequency_PerfTime', 'Timestamp_Sys100NS'],
] as const;

const row = z.object({
  Name: text,
  DiskReadBytesPersec: number,
  DiskWriteBytesPersec: number,
  AvgDisksecPerRead: number,
  AvgDisksecPerRead_Base: number,
  AvgDisksecPerWrite: number,
  AvgDisksecPerWrite_Base: number,
  PercentIdleTime: number,
  PercentIdleTime_Base: number,
  Frequency_PerfTime: number,
  Timestamp_Sys100NS: number,
});

/** 100 ns, the unit of Windows' clocks. */
const TICKS_PER_MS = 10_000;

/**
 * The disks of `Win32_PerfRawData_PerfDisk_PhysicalDisk`, whose values are sums since the start whatever they are called: bytes; operations
 * (`…_Base`) and the ticks of `Frequency_PerfTime` that they took; idle time beside a clock of its own. `mono` is the moment of reading, ms.
 */
export function disksOf(found: readonly unknown[]): (DiskCounters & { mono: number })[] {
  return rowsOf(row, found).flatMap((each) => {
    const { Name, Frequency_PerfTime: frequency = 1e7, Timestamp_Sys100NS, PercentIdleTime_Base: clock } = each;
    const moment = Timestamp_Sys100NS ?? clock;
    if (Name === undefined || Name === '_Total' || moment === undefined) return [];
    const busy = clock === undefined || each.PercentIdleTime === undefined ? undefined : clock - each.PercentIdleTime;
    return [
      {
        name: Name,
        reads: each.AvgDisksecPerRead_Base ?? 0,
        readBytes: each.DiskReadBytesPersec ?? 0,
        readMs: ((each.AvgDisksecPerRead ?? 0) / frequency) * 1000,
        writes: each.AvgDisksecPerWrite_Base ?? 0,
        writtenBytes: each.DiskWriteBytesPersec ?? 0,
        writeMs: ((each.AvgDisksecPerWrite ?? 0) / frequency) * 1000,
        busyMs: busy === undefined ? undefined : busy / TICKS_PER_MS,
        mono: moment / TICKS_PER_MS,
      },
    ];
  });
}

/** Disks of Windows, by name: `0 C: D:` is the first with the drives on it. */
export function readWindows({ skip }: { skip: string[] }, { shell }: ReaderDeps) {
  const isSkipped = matcher(skip);
  const disks = new Instances((name) => new Disk(name));
  return {
    everyMs: 10_000,
    async read(put: Put) {
      for (const { mono, ...counters } of disksOf(
        await shell(query('Win32_PerfRawData_PerfDisk_PhysicalDisk', PROPERTIES)),
      ))
        if (!isSkipped(counters.name)) disks.get(counters.name).put(put, counters, mono);
      disks.sweep();
    },
  };
}
