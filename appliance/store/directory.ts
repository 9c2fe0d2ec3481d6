import { bringToFormat, FORMAT_STEPS, type FormatStep } from './format.ts';
import { type DirectoryLock, lockDirectory } from './lock.ts';
import type { StoreLog } from './store-log.ts';
import { swapInRestored } from './swap.ts';

export interface DataDirectoryOptions {
  dir: string;
  log: StoreLog;
  now?: () => number;
  steps?: readonly FormatStep[];
}

/**
 * Takes hold of a data directory for this process, puts in place what a restore has made ready, and brings it to the newest format; to be called before any store in it is
 * opened. Fails with `DataDirectoryError` and a sentence for people. `release` when every store is closed.
 */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<DirectoryLock> {
  const { dir, log, now = Date.now, steps = FORMAT_STEPS } = options;
  const lock = await lockDirectory(dir);
  try {
    await swapInRestored({ dir, log, now });
    await bringToFormat({ dir, log, now, steps });
    return lock;
  } catch (error) {
    await lock.release();
    throw error;
  }
}
