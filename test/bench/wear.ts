// bench: bytes that reach the storage in a day, 50 hosts with 20 series at 60 s and at 5 s, on an ext4 of its own
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { makeDevice } from './wear/device.ts';
import { type Fleet, type Worn, wear } from './wear/fleet.ts';

const HOSTS = 50;
const MEGABYTE = 1e6;
/** Megabytes for each day (issue 3). */
const GATES = { 60000: 15, 5000: 200 } as const;

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

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  for (const intervalMs of [60_000, 5_000] as const) {
    for (const isLowWear of [true, false]) {
      for (const isAligned of [true, false]) {
        const days = isQuick ? 1 / 24 : 1;
        const worn = await measured({ hosts: HOSTS, intervalMs, isAligned, isLowWear }, days);
        const mode = isLowWear ? 'low-wear' : 'normal';
        const ticks = isAligned ? 'together' : 'each at its own moment';
        yield {
          name: `${HOSTS} hosts at ${intervalMs / 1_000} s, ${mode} commits, agents tick ${ticks}`,
          value: worn.bytesPerDay / MEGABYTE,
          unit: 'MB/day',
          ...(isLowWear && { atMost: GATES[intervalMs] }),
          note: `${Math.round(worn.syncsPerDay)} syncs/day, slowest acknowledgement ${(worn.slowestMs / 1_000).toFixed(1)} s`,
        };
      }
    }
  }
}
