import { join } from 'node:path';
import { readBinding } from './binding.ts';
import { needFiles } from './move/leave.ts';
import { openDocumentStore } from './nedb/documents.ts';
import { openNedbHistory } from './nedb/history-engine.ts';
import type { StoreAddress } from './postgres/address.ts';
import type { Stores, StoresOptions } from './stores.ts';

export type { Stores } from './stores.ts';

/**
 * Opens documents and history of a data directory: the one place that knows where they are. With a database that is asked for, files
 * that are still there are moved into it before. Fails with `DataDirectoryError` when directory and database do not belong together.
 */
export async function openStores(options: StoresOptions): Promise<Stores> {
  // Loaded here, because most appliances keep files and never need it.
  if (options.address) return (await import('./postgres/stores.ts')).openInDatabase(options, options.address);
  const { dir, log, now } = options;
  await needFiles(dir, log);
  const clock = now ? { now } : {};
  const documents = await openDocumentStore({ dir, log, ...clock });
  return {
    documents,
    openHistory: (historyLog = log) => openNedbHistory({ dir: join(dir, 'history'), log: historyLog, ...clock }),
    place: dir,
    trouble: () => undefined,
    close: () => documents.close(),
  };
}

/** Whether the documents and the history of a data directory are in a database. */
export const isInDatabase = async (dir: string): Promise<boolean> => (await readBinding(dir)) !== undefined;

/**
 * Moves documents and history of a data directory out of their database into files; they are kept there, as the schema
 * `reeve_before_files`. Fails with `DataDirectoryError` when the two do not belong together, or what is read back differs.
 */
export async function leaveStores(options: StoresOptions & { address: StoreAddress }): Promise<void> {
  const { leaveInDatabase } = await import('./postgres/stores.ts');
  await leaveInDatabase(options, options.address);
}
