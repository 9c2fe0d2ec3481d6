import { totalmem } from 'node:os';
import type { Memory } from '../reading/memory.ts';
import type { ReaderDeps } from './collector.ts';

/** Pages of `vm_stat` in bytes, by the names that it gives them; undefined when it is something else. */
export function parseVmStat(output: string): ((name: string) => number) | undefined {
  const page = Number(/page size of (\d+) bytes/.exec(output)?.[1]);
  if (!Number.isFinite(page)) return undefined;
  const pages = new Map<string, number>();
  for (const line of output.split('\n')) {
    const [, name = '', count] = /^"?([^":]+)"?:\s+(\d+)\.?\s*$/.exec(line) ?? [];
    if (count !== undefined) pages.set(name, Number(count) * page);
  }
  return (name) => pages.get(name) ?? 0;
}

const UNITS: Record<string, number> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** `total = 2048.00M  used = 512.00M  free = 1536.00M` of `sysctl -n vm.swapusage`, bytes. */
export function parseSwapUsage(output: string): { total: number; free: number } {
  const bytes = (name: string) => {
    const [, amount, unit = ''] = new RegExp(`${name} = ([\\d.]+)([KMG])`).exec(output) ?? [];
    return amount === undefined ? 0 : Math.round(Number(amount) * (UNITS[unit] ?? 0));
  };
  return { total: bytes('total'), free: bytes('free') };
}

/** As Activity Monitor counts: what programs hold, what is wired and what is compressed is in use; the rest can be had. */
export function memoryOf(vmStat: string, swapUsage: string, total: number): Memory | undefined {
  const bytes = parseVmStat(vmStat);
  if (!bytes) return undefined;
  const app = Math.max(0, bytes('Anonymous pages') - bytes('Pages purgeable'));
  const used = Math.min(total, app + bytes('Pages wired down') + bytes('Pages occupied by compressor'));
  const swap = parseSwapUsage(swapUsage);
  const free = Math.min(total - used, bytes('Pages free'));
  return { total, free, available: total - used, swapTotal: swap.total, swapFree: swap.free };
}

/** Asks a Mac. */
export async function askMac({ run }: ReaderDeps): Promise<Memory> {
  const [vmStat, swap] = await Promise.all([
    run({ command: 'vm_stat', args: [] }),
    run({ command: 'sysctl', args: ['-n', 'vm.swapusage'] }),
  ]);
  const memory = memoryOf(vmStat.output, swap.output, totalmem());
  if (!memory) throw new Error('vm_stat answers in a way that is not known');
  return memory;
}
