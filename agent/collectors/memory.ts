import * as z from 'zod/mini';
import { Rate } from '../rate.ts';
import type { Memory } from '../reading/memory.ts';
import { collector, type DescriptorInput, type Put, type ReaderDeps } from './collector.ts';
import { askMac } from './memory.darwin.ts';
import { readWindows } from './memory.win32.ts';

/** Reads /proc/meminfo. Kernels before 3.14 do not say what is available: then free + buffers + cache + reclaimable slab. */
export function parseMeminfo(text: string): Memory {
  const bytes = (name: string): number | undefined => {
    const at = text.startsWith(`${name}:`) ? 0 : text.indexOf(`\n${name}:`) + 1;
    if (at === 0 && !text.startsWith(`${name}:`)) return undefined;
    return Number.parseInt(text.slice(at + name.length + 1, at + name.length + 25), 10) * 1024;
  };
  const total = bytes('MemTotal');
  if (total === undefined) throw new Error('/proc/meminfo has no MemTotal');
  const free = bytes('MemFree') ?? 0;
  const old = () => free + (bytes('Buffers') ?? 0) + (bytes('Cached') ?? 0) + (bytes('SReclaimable') ?? 0);
  const available = Math.min(total, bytes('MemAvailable') ?? old());
  return { total, free, available, swapTotal: bytes('SwapTotal') ?? 0, swapFree: bytes('SwapFree') ?? 0 };
}

/** Pages swapped in and out since boot, from /proc/vmstat; undefined on a kernel without swap. */
export function parseSwapped(vmstat: string): { in: number; out: number } | undefined {
  const found = /^pswpin (\d+)\npswpout (\d+)$/m.exec(vmstat);
  return found ? { in: Number(found[1]), out: Number(found[2]) } : undefined;
}

const share = (part: number, whole: number) => (whole > 0 ? Math.round((part / whole) * 1e4) / 1e4 : undefined);

function putMemory(put: Put, { total, free, available, swapTotal, swapFree }: Memory): void {
  const used = total - available;
  put('system.memory.utilization', share(used, total));
  put('system.memory.limit', total);
  put('system.memory.usage', used, 'used');
  put('system.memory.usage', Math.max(0, available - free), 'cached');
  put('system.memory.usage', Math.min(free, available), 'free');
  if (swapTotal === 0) return;
  put('system.paging.utilization', share(swapTotal - swapFree, swapTotal));
  put('system.paging.usage', swapTotal - swapFree);
}

const utilization = (id: string, title: string, chart: DescriptorInput['chart']): DescriptorInput => ({
  id,
  title,
  unit: '1',
  kind: 'gauge',
  rollup: 'average',
  min: 0,
  max: 1,
  ...(chart && { chart }),
});

/** Memory and swap. Used, cached and free are disjoint and make up the whole: used is what programs cannot get any more. */
export const memory = collector({
  id: 'memory',
  title: 'Memory',
  isSlow: ['darwin'],
  settings: z.object({}),
  descriptors: [
    utilization('system.memory.utilization', 'Memory use', {
      group: 'memory',
      order: 30,
      style: 'area',
      card: 'memory',
    }),
    { id: 'system.memory.limit', title: 'Memory', unit: 'By', kind: 'gauge', rollup: 'last', min: 0 },
    {
      id: 'system.memory.usage',
      title: 'Memory by state',
      unit: 'By',
      kind: 'gauge',
      rollup: 'last',
      attributes: ['system.memory.state'],
      min: 0,
      chart: { group: 'memory-state', order: 31, style: 'stack' },
    },
    utilization('system.paging.utilization', 'Swap use', { group: 'memory', order: 32, style: 'line' }),
    { id: 'system.paging.usage', title: 'Swap in use', unit: 'By', kind: 'gauge', rollup: 'last', min: 0 },
    {
      id: 'system.paging.operations.rate',
      title: 'Pages swapped',
      unit: '{operation}/s',
      kind: 'rate',
      rollup: 'average',
      attributes: ['system.paging.direction'],
      min: 0,
      chart: { group: 'memory-paging', order: 33, style: 'line' },
    },
  ],
  read: {
    linux: readLinux,
    win32: (_settings, deps) => readWindows(putMemory, deps),
    darwin: (_settings, deps) => ({
      everyMs: 10_000,
      read: async (put) => putMemory(put, await askMac(deps)),
    }),
  },
});

function readLinux(_settings: unknown, { files }: ReaderDeps) {
  const meminfo = files.kernel('/proc/meminfo');
  const vmstat = files.kernel('/proc/vmstat');
  const [swappedIn, swappedOut] = [new Rate(), new Rate()];
  return {
    read(put: Put, { mono }: { mono: number }) {
      const now = parseMeminfo(meminfo.text(mono));
      putMemory(put, now);
      // Reading vmstat costs more than all the rest: not where there is no swap.
      const swapped = now.swapTotal > 0 ? parseSwapped(vmstat.text(mono)) : undefined;
      if (!swapped) return;
      put('system.paging.operations.rate', swappedIn.next(swapped.in, mono), 'in');
      put('system.paging.operations.rate', swappedOut.next(swapped.out, mono), 'out');
    },
  };
}
