// bench: bytes that reach the storage in a day, 50 hosts with 20 series at 60 s and at 5 s, on an ext4 of its own
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { makeDevice } from '../helpers/ext4.ts';
import type { BenchOptions, Figure } from './figure.ts';

import { type Fleet, type Worn, wear } from './wear/fleet.ts';

const HOSTS = 50;
const MEGABYTE = 1e6;
/** Megabytes for each day (issue 3). */
const GATES = { 60000: 15, 5000: 200 } as const;

/** A whole day where a period is a day; else so much of it that periods are sealed. */
const daysOf = (intervalMs: number, isLowWear: boolean): number => {
  if (intervalMs === 60_000) return isLowWear ? 1 : 1 / 4;
  return isLowWear ? 1 / 4 : 1 / 12;
};

async function measured(fleet: Fleet, days: number): Promise<Worn> {
  const folder = makeDirectory('reeve-bench-wear-');
  const device = makeDevice(folder);
  try {
    return await wear(device, fleet, days);
  } finally {
    device.remove();
    removeDirectory(folder);
  }
}

const noteOf = ({ syncsPerDay, slowestMs }: Worn, days: number): string =>
  `${Math.round(days * 24)} h of the fleet's time, as fast as the disk takes its commits; ${Math.round(syncsPerDay)} syncs/day, ` +
  `slowest acknowledgement ${(slowestMs / 1_000).toFixed(1)} s; sectors of /sys/block/loopN/stat, ext4 with 4 KiB blocks`;

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  for (const intervalMs of [60_000, 5_000] as const) {
    for (const isLowWear of [true, false]) {
      for (const isAligned of [true, false]) {
        const days = isQuick ? 1 / 48 : daysOf(intervalMs, isLowWear);
        const worn = await measured({ hosts: HOSTS, intervalMs, isAligned, isLowWear }, days);
        const mode = isLowWear ? 'low-wear' : 'normal';
        const ticks = isAligned ? 'together' : 'each at its own moment';
        yield {
          name: `${HOSTS} hosts at ${intervalMs / 1_000} s, ${mode} commits, agents tick ${ticks}`,
          value: worn.bytesPerDay / MEGABYTE,
          unit: 'MB/day',
          ...(isLowWear && { atMost: GATES[intervalMs] }),
          note: noteOf(worn, days),
        };
      }
    }
  }
}
