/** What a query answers with; `bigint` columns are numbers, `bytea` is a `Buffer`, `jsonb` is parsed. */
export type Row = Record<string, unknown>;

/** Runs one statement; `$1` and so on stand for `values`. Fails with `StorageError`. */
export type Query = <R extends Row>(text: string, values?: readonly unknown[]) => Promise<R[]>;

/**
 * The PostgreSQL database that this process alone writes to. All writes go over one connection, which holds an advisory lock: when
 * that connection is lost the lock is lost with it, and nothing is written until both are there again, so that two appliances can
 * never write in turns. While the server cannot be reached everything fails with `StorageError`, and may be tried again. A write whose
 * connection was lost before its answer came fails too, though it may have been done.
 */
export interface Database {
  /** One statement on the connection that holds the lock; durable when it resolves. Writes happen in the order they were asked for. */
  readonly write: Query;
  /** All that `work` does on the connection that holds the lock, or nothing of it; durable when it resolves. Other writes wait. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** One statement beside the writes; it sees every write that has resolved. */
  readonly read: Query;
  /** Reads that all see the same moment, whatever is written meanwhile. */
  moment<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Random, made with the tables: says that a data directory and this database belong together. */
  readonly id: string;
  /** Where it is, for people: `reeve on db.example:5432`, never a password. */
  readonly place: string;
  /** Why nothing can be written at the moment, for people (`reeve on db.example:5432 cannot be reached: …`); undefined while it can. */
  trouble(): string | undefined;
  close(): Promise<void>;
}
