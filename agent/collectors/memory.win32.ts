import { freemem, totalmem } from 'node:os';
import * as z from 'zod/mini';
import type { Memory } from '../reading/memory.ts';
import { number, query, rowsOf } from '../reading/windows/rows.ts';
import type { Miss, Moment, Put, ReaderDeps } from './collector.ts';

const EVERY_MS = 60_000;
const MB = 1024 ** 2;
const row = z.object({ AllocatedBaseSize: number, CurrentUsage: number });

/** All page files of `Win32_PageFileUsage`, which tells megabytes; bytes. */
export function pagingOf(found: readonly unknown[]): { total: number; used: number } {
  const files = rowsOf(row, found);
  const sum = (name: keyof z.output<typeof row>) => files.reduce((all, each) => all + (each[name] ?? 0) * MB, 0);
  return { total: sum('AllocatedBaseSize'), used: sum('CurrentUsage') };
}

/**
 * Memory of Windows by its own call, for each frame. Page files are asked for beside it, so that no frame waits for them. Windows counts
 * its standby cache as free memory, which is what "available" means here.
 */
export function readWindows(put: (put: Put, memory: Memory) => void, { shell }: ReaderDeps) {
  let paging = { total: 0, used: 0 };
  let reason: string | undefined;
  let dueAt = Number.NEGATIVE_INFINITY;
  const ask = () =>
    shell(query('Win32_PageFileUsage', ['AllocatedBaseSize', 'CurrentUsage'])).then(
      (found) => {
        paging = pagingOf(found);
        reason = undefined;
      },
      (error: Error) => {
        reason = error.message;
      },
    );
  return {
    read(putValue: Put, { mono }: Moment, miss: Miss) {
      if (mono >= dueAt) {
        dueAt = mono + EVERY_MS;
        void ask();
      }
      const free = freemem();
      const { total, used } = paging;
      put(putValue, { total: totalmem(), free, available: free, swapTotal: total, swapFree: total - used });
      if (reason !== undefined) miss(`page files: ${reason}`);
    },
  };
}
