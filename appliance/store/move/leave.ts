import { join } from 'node:path';
import { readBinding, removeBinding } from '../binding.ts';
import { DataDirectoryError } from '../errors.ts';
import type { StoreLog } from '../store-log.ts';
import { asideName, putInPlace } from './files.ts';

/** Documents and history that were taken out of a database, complete; while they are being made, with `.part`. */
export const TAKEN_OUT = 'move';

/**
 * Makes sure that documents and history of a data directory are files: ends a move into files that was stopped. Fails with
 * `DataDirectoryError` when they are in a database.
 */
export async function needFiles(dir: string, log: StoreLog): Promise<void> {
  const bound = await readBinding(dir);
  if (!bound) return;
  if (bound.leaving) return settle(dir, log);
  const cure = bound.filling
    ? 'They were just being moved into it: start once more with it (REEVE_STORE=postgres://…), or stay with the files (reeve migrate --to files).'
    : 'Say where it is (REEVE_STORE=postgres://…), or move them into files with reeve migrate --to files.';
  throw new DataDirectoryError(
    'not-here',
    `The documents and the history of ${dir} are in a PostgreSQL database. ${cure}`,
  );
}

/** Puts what was taken out in place; from then on files count. May be called again after a stop. */
export async function settle(dir: string, log: StoreLog): Promise<void> {
  await putInPlace(join(dir, TAKEN_OUT), dir);
  await removeBinding(dir);
  log.info({ dir }, 'Documents and history are files again');
}

/**
 * Stays with the files of a move into a database that was not ended: nothing has been written there since. False where there is none,
 * or where a restore began it.
 */
export async function stayWithFiles(dir: string, log: StoreLog): Promise<boolean> {
  const bound = await readBinding(dir);
  if (!bound?.filling || bound.restored) return false;
  await putInPlace(join(dir, asideName(bound.filling.at)), dir);
  await removeBinding(dir);
  log.info({ dir }, 'Documents and history stay files');
  return true;
}
