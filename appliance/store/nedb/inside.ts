import Datastore from 'nedb-promises';
import { type LineReader, sealLine } from './line.ts';

/** A document as NeDB keeps it: keys without dots and without a leading `$` (see `encoding.ts`). */
export type Stored = { _id: string } & Record<string, unknown>;

/**
 * Internals of NeDB 4: two functions are replaced, because NeDB rewrites the file on each load and never syncs an append; the index
 * of ids is read as it is, because every request looks a session's user up and a cursor takes 0.1 ms.
 */
export interface Inside {
  persistence: {
    persistCachedDatabaseAsync(): Promise<void>;
    persistNewStateAsync(documents: Stored[]): Promise<void>;
  };
  getAllData(): Stored[];
  /** What is found is NeDB's own, and not to be changed. */
  indexes: { _id: { getMatching(id: string): readonly Stored[] } };
}

/** Fails at once when another version of NeDB no longer has these: without them nothing would be durable. */
export function insideOf(store: Datastore<Stored>): Inside {
  const inside = store as unknown as Inside;
  const { persistCachedDatabaseAsync, persistNewStateAsync } = inside.persistence;
  const functions: unknown[] = [persistCachedDatabaseAsync, persistNewStateAsync, inside.indexes._id.getMatching];
  if (functions.some((each) => typeof each !== 'function')) {
    throw new Error('This version of NeDB writes its files in a way that Reeve does not know');
  }
  return inside;
}

/** A NeDB datastore that reads sealed lines, loads whatever is left of a damaged file, and never rewrites it by itself. */
export function createStore(filename: string, reader: LineReader): Datastore<Stored> {
  const store = Datastore.create({
    filename,
    corruptAlertThreshold: 1,
    afterSerialization: sealLine,
    beforeDeserialization: reader.unsealLine,
  }) as unknown as Datastore<Stored>;
  insideOf(store).persistence.persistCachedDatabaseAsync = async () => undefined;
  return store;
}
