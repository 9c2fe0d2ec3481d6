import type { Put } from '../collectors/collector.ts';
import { Growth, Rate } from '../rate.ts';

/** What a disk has done since boot. */
export interface DiskCounters {
  name: string;
  reads: number;
  readBytes: number;
  readMs: number;
  writes: number;
  writtenBytes: number;
  writeMs: number;
  /** Time in which at least one request was open; undefined where it is not told. */
  busyMs: number | undefined;
}

/** One disk: rates and mean durations since the last call. */
export class Disk {
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
    const busyMsPerSecond = now.busyMs === undefined ? undefined : busy.next(now.busyMs, mono);
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
