import { join } from 'node:path';
import type { DocumentStore } from './documents.ts';
import type { HistoryEngine } from './history-engine.ts';
import { openDocumentStore } from './nedb/documents.ts';
import { openNedbHistory } from './nedb/history-engine.ts';
import type { StoreLog } from './store-log.ts';

export interface StoresOptions {
  /** The data directory; it must be held (`openDataDirectory`). */
  dir: string;
  log: StoreLog;
  now?: () => number;
}

/** Documents and history of one appliance, wherever they are kept. */
export interface Stores {
  readonly documents: DocumentStore;
  /** Opens history; to be closed before `close`. To be called once. `log` hears what happens in it. */
  openHistory(log?: StoreLog): Promise<HistoryEngine>;
  /** Where they are, for people: a folder, or `PostgreSQL reeve on db.example:5432`. */
  readonly place: string;
  /** Why nothing can be kept at the moment, for people; undefined while all is well. Files tell of their troubles when they are written. */
  trouble(): string | undefined;
  /** Closes the documents. */
  close(): Promise<void>;
}

/** Opens documents and history of a data directory: the one place that knows where they are. */
export async function openStores({ dir, log, now }: StoresOptions): Promise<Stores> {
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
