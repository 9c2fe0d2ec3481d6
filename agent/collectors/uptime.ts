import { uptime as systemUptime } from 'node:os';
import * as z from 'zod/mini';
import { collector } from './collector.ts';

/** Seconds since boot at the start of /proc/uptime; time asleep counts. */
export const parseUptime = (text: string): number => Math.floor(Number.parseFloat(text));

/** How long the machine has been up. */
export const uptime = collector({
  id: 'uptime',
  title: 'Uptime',
  settings: z.object({}),
  descriptors: [{ id: 'system.uptime', title: 'Uptime', unit: 's', kind: 'gauge', rollup: 'last', min: 0 }],
  read: {
    linux(_settings, { files }) {
      const file = files.kernel('/proc/uptime');
      return { read: (put, { mono }) => put('system.uptime', parseUptime(file.text(mono))) };
    },
    darwin: () => ({ read: (put) => put('system.uptime', Math.floor(systemUptime())) }),
    win32: () => ({ read: (put) => put('system.uptime', Math.floor(systemUptime())) }),
  },
});
