import { loadavg } from 'node:os';
import * as z from 'zod/mini';
import { collector, type DescriptorInput, type Put } from './collector.ts';

const SPANS = ['1m', '5m', '15m'] as const;

const averages = (minutes: (typeof SPANS)[number], order: number): DescriptorInput => ({
  id: `system.cpu.load_average.${minutes}`,
  title: `Load, ${Number.parseInt(minutes, 10)} min`,
  unit: '{thread}',
  kind: 'gauge',
  rollup: 'average',
  min: 0,
  chart: { group: 'load', order, style: 'line' },
});

/** The three load averages at the start of /proc/loadavg. */
export const parseLoad = (text: string): number[] => text.split(' ', 3).map(Number);

const putAll = (put: Put, [one, five, fifteen]: readonly number[]): void => {
  put('system.cpu.load_average.1m', one);
  put('system.cpu.load_average.5m', five);
  put('system.cpu.load_average.15m', fifteen);
};

/** Threads that run or want to run; on Linux also those that wait for a disk. Windows has no such number. */
export const load = collector({
  id: 'load',
  title: 'Load',
  settings: z.object({}),
  descriptors: SPANS.map((span, i) => averages(span, 20 + i)),
  read: {
    linux(_settings, { files }) {
      const file = files.kernel('/proc/loadavg');
      return { read: (put, { mono }) => putAll(put, parseLoad(file.text(mono))) };
    },
    darwin: () => ({ read: (put) => putAll(put, loadavg()) }),
  },
  unread: {
    win32: 'Windows has no load average',
  },
});
