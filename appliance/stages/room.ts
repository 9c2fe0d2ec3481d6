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

/** A database may be anywhere: what the data directory lies on says nothing of it, and whoever looks after it spares its disks. */
export async function roomOf({ files, place }: Pick<Stores, 'files' | 'place'>, dataDir: string): Promise<Room> {
  const storage = await storageUnder(dataDir);
  if (!files) return { storage, wearsBeside: false, freeBytes: () => freeBytesOf(dataDir) };
  const far = { wears: false, what: place };
  return { storage: far, wearsBeside: storage.wears, freeBytes: async () => Number.POSITIVE_INFINITY };
}
