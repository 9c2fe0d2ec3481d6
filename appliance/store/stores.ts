import type { DocumentStore } from './documents.ts';
import type { HistoryEngine } from './history-engine.ts';
import type { StoreAddress } from './postgres/address.ts';
import type { StoreLog } from './store-log.ts';

export interface StoresOptions {
  /** The data directory; it must be held (`openDataDirectory`). */
  dir: string;
  /** The PostgreSQL database that is asked for; without it documents and history are files of the data directory. */
  address?: StoreAddress | undefined;
  log: StoreLog;
  now?: () => number;
  /** How long a database that cannot be reached may take to come up, in ms. */
  patienceMs?: number;
  /** Ends such waiting; it then fails with an `AbortError`. */
  stopping?: AbortSignal | undefined;
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
  /** Whether they were files until now, and were moved into the database. */
  readonly isMoved?: boolean;
  /** Makes files of what is in a database; absent where they are files. */
  readonly files?: FilesOfDatabase;
  /** Closes the documents, and the database. */
  close(): Promise<void>;
}

/** Makes files of what is in a database, in the form of a data directory. */
export interface FilesOfDatabase {
  /** About how many bytes they will take. */
  bytes(): Promise<number>;
  /** Writes documents and history as they are at one moment into a folder, as `docs/` and `history/`. Not durable yet. */
  all(folder: string, signal?: AbortSignal): Promise<void>;
  /** Writes the documents of some kinds into a folder, as `docs/`. */
  documents(folder: string, isWanted: (kind: string) => boolean): Promise<void>;
}
