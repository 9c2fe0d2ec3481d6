import { cpus } from 'node:os';
import * as z from 'zod/mini';
import { Growth, Instances } from '../rate.ts';
import { collector, type Put, type Reader } from './collector.ts';

/** Time that one processor has spent in each mode since boot; any unit, as only shares are made of it. */
export interface CpuTimes {
  user: number;
  nice: number;
  system: number;
  idle: number;
  iowait: number;
  /** Hardware and software interrupts. */
  interrupt: number;
  steal: number;
}

const MODES = ['user', 'nice', 'system', 'iowait', 'interrupt', 'steal'] as const;

/**
 * Reads the `cpu` lines of /proc/stat: the sum under `cpu`, each core under its number. Guest time is left out, because the kernel
 * has counted it as user time already (proc_stat(5)).
 */
export function parseCpuTimes(stat: string): Map<string, CpuTimes> {
  const times = new Map<string, CpuTimes>();
  for (let at = 0; stat.startsWith('cpu', at); ) {
    const end = stat.indexOf('\n', at);
    // Behind the name of the sum are two blanks.
    const line = stat.slice(at, end < 0 ? undefined : end).replace('  ', ' ');
    const [name = '', ...fields] = line.split(' ');
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = fields.map(Number);
    times.set(name.slice(3), { user, nice, system, idle, iowait, interrupt: irq + softirq, steal });
    if (end < 0) break;
    at = end + 1;
  }
  return times;
}

/** Turns the times of one processor into shares of what passed since the last call. */
class Shares {
  readonly #growth = {
    user: new Growth(),
    nice: new Growth(),
    system: new Growth(),
    idle: new Growth(),
    iowait: new Growth(),
    interrupt: new Growth(),
    steal: new Growth(),
  };

  /** undefined at the first call and when nothing was counted. The kernel's idle and iowait may fall: that counts as nothing. */
  next(times: CpuTimes): { busy: number; of: CpuTimes } | undefined {
    const of = { ...times };
    let total = 0;
    for (const mode of Object.keys(of) as (keyof CpuTimes)[]) {
      of[mode] = this.#growth[mode].next(times[mode]) ?? 0;
      total += of[mode];
    }
    if (total <= 0) return undefined;
    for (const mode of Object.keys(of) as (keyof CpuTimes)[]) of[mode] /= total;
    return { busy: 1 - of.idle - of.iowait, of };
  }
}

const share = (value: number) => Math.min(1, Math.max(0, Math.round(value * 1e4) / 1e4));

/** Puts total, modes and cores from times that `read` hands out anew at each call. */
function cpuReader(read: (mono: number) => Map<string, CpuTimes>, modes: readonly (keyof CpuTimes)[]): Reader {
  const cores = new Instances(() => new Shares());
  const putAll = (put: Put, name: string, shares: NonNullable<ReturnType<Shares['next']>>) => {
    if (name !== '') return put('system.cpu.core.utilization', share(shares.busy), name);
    put('system.cpu.utilization', share(shares.busy));
    for (const mode of modes) put('system.cpu.mode.utilization', share(shares.of[mode]), mode);
  };
  return {
    read(put, { mono }) {
      for (const [name, times] of read(mono)) {
        const shares = cores.get(name).next(times);
        if (shares) putAll(put, name, shares);
      }
      cores.sweep();
    },
  };
}

/** Times of every core by way of the operating system's own call, with their sum under the empty name. */
export function timesFromSystem(list = cpus()): Map<string, CpuTimes> {
  const none = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, interrupt: 0, steal: 0 };
  const all = new Map<string, CpuTimes>([['', none]]);
  list.forEach(({ times: { user, nice, sys, idle, irq } }, core) => {
    all.set(String(core), { ...none, user, nice, system: sys, idle, interrupt: irq });
    none.user += user;
    none.nice += nice;
    none.system += sys;
    none.idle += idle;
    none.interrupt += irq;
  });
  return all;
}

/** Processor use: in total, by mode and by core. A rule on the total never matches a core, so each has a metric of its own. */
export const cpu = collector({
  id: 'cpu',
  title: 'Processor',
  settings: z.object({}),
  descriptors: [
    {
      id: 'system.cpu.utilization',
      title: 'Processor use',
      unit: '1',
      kind: 'gauge',
      rollup: 'average',
      min: 0,
      max: 1,
      chart: { group: 'cpu', order: 10, style: 'area', card: 'cpu' },
    },
    {
      id: 'system.cpu.mode.utilization',
      title: 'Processor use by mode',
      unit: '1',
      kind: 'gauge',
      rollup: 'average',
      attributes: ['cpu.mode'],
      min: 0,
      max: 1,
      chart: { group: 'cpu-mode', order: 11, style: 'stack' },
    },
    {
      id: 'system.cpu.core.utilization',
      title: 'Processor use by core',
      unit: '1',
      kind: 'gauge',
      rollup: 'average',
      attributes: ['cpu.logical_number'],
      min: 0,
      max: 1,
      chart: { group: 'cpu-core', order: 12, style: 'line' },
    },
  ],
  read: {
    linux(_settings, { files }) {
      const stat = files.kernel('/proc/stat');
      return cpuReader((mono) => parseCpuTimes(stat.text(mono)), MODES);
    },
    darwin: () => cpuReader(() => timesFromSystem(), ['user', 'nice', 'system']),
    win32: () => cpuReader(() => timesFromSystem(), ['user', 'system', 'interrupt']),
  },
});
