import path from 'node:path';
import type { Stores } from '../store/open.ts';
import { freeBytesOf, type Storage, storageUnder } from '../wear.ts';

/** What lies under documents and history. */
export interface Room {
  storage: Storage;
  /** Whether the data directory, where the clock is, lies on what wears out, while history does not. */
  wearsBeside: boolean;
  /** How much more they may take; endless where nobody here can know it. */
  freeBytes(): Promise<number>;
}

/**
 * History may have a disk of its own in the data directory. A database may be anywhere: what the data directory lies on says nothing of
 * it, and whoever looks after it spares its disks.
 */
export async function roomOf({ files, place }: Pick<Stores, 'files' | 'place'>, dataDir: string): Promise<Room> {
  const { wears } = await storageUnder(dataDir);
  const far = { wears: false, what: place };
  if (files) return { storage: far, wearsBeside: wears, freeBytes: async () => Number.POSITIVE_INFINITY };
  const history = path.join(dataDir, 'history');
  const storage = await storageUnder(history);
  return { storage, wearsBeside: wears && !storage.wears, freeBytes: () => freeBytesOf(history) };
}
