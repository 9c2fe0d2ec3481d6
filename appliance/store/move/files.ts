import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Disk, makeDirectory, moveWhole, realDisk, removeFile, syncDirectory } from '../disk.ts';
import { errnoOf } from '../errors.ts';
import type { HistoryEngine } from '../history-engine.ts';
import { openNedbHistory } from '../nedb/history-engine.ts';
import type { StoreLog } from '../store-log.ts';

/** What documents and history take in a data directory. */
const PLACES = ['docs', 'history', 'collections.json'];

/** Whether a data directory holds documents or history as files. Folders without a file, as a mounted disk, do not count. */
export async function holdsData(dir: string): Promise<boolean> {
  for (const place of ['docs', 'history']) {
    const names = await readdir(join(dir, place), { recursive: true }).catch(noneIfMissing);
    if (names.some((name) => name.endsWith('.db'))) return true;
  }
  return false;
}

/** The lanes that the files of history know. */
export const lanesIn = async (dir: string): Promise<string[]> =>
  (await readdir(join(dir, 'history', 'log')).catch(noneIfMissing)).sort();

/** The folder of files that were moved into a database at `at`, epoch ms. */
export const asideName = (at: number): string =>
  `before-postgres-${new Date(at).toISOString().replaceAll(/[:.]/g, '-')}`;

/** Moves documents and history with all their files into another folder. May be called again after a stop. */
export async function putAside(dir: string, folder: string): Promise<void> {
  await makeDirectory(folder);
  for (const place of PLACES) await moveIfThere(join(dir, place), join(folder, place));
  await syncDirectory(dir);
}

/** Takes documents and history away. */
export async function clearAway(dir: string): Promise<void> {
  for (const place of PLACES) await removeAll(join(dir, place));
  await syncDirectory(dir);
}

async function moveIfThere(from: string, to: string): Promise<void> {
  await moveWhole(from, to).catch((error) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
  });
}

/** A folder on which a disk is mounted stays, empty. */
async function removeAll(place: string): Promise<void> {
  await removeFile(place).catch(async (error) => {
    if (errnoOf(error) !== 'EBUSY') throw error;
  });
}

/** Puts documents and history of a folder in place in a data directory. May be called again after a stop. */
export async function putInPlace(folder: string, dir: string): Promise<void> {
  for (const place of PLACES) await moveIfThere(join(folder, place), join(dir, place));
  await syncDirectory(dir);
  await removeFile(folder);
}

/** Durable once, at the end, and not at each line. */
const LATER: Disk = { ...realDisk, sync: async () => undefined };

/** An empty history of a folder that is durable only after `syncTree`. */
export const openUnsynced = (folder: string, log: StoreLog): Promise<HistoryEngine> =>
  openNedbHistory({ dir: join(folder, 'history'), log, disk: LATER });

/** Makes everything in a folder durable. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const place = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(place);
    else await syncFile(place);
  }
  await syncDirectory(folder);
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

function noneIfMissing(error: unknown): string[] {
  if (errnoOf(error) !== 'ENOENT') throw error;
  return [];
}
