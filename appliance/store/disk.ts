import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from './errors.ts';

/** The calls through which bytes reach a disk; tests hand in one that fails. */
export interface Disk {
  write(fd: Descriptor, data: Uint8Array, position: number): Promise<void>;
  sync(fd: Descriptor): Promise<void>;
}

export interface Descriptor {
  write(data: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  datasync(): Promise<void>;
}

export const realDisk: Disk = {
  async write(fd, data, position) {
    for (let done = 0; done < data.length; ) {
      const { bytesWritten } = await fd.write(data, done, data.length - done, position + done);
      done += bytesWritten;
    }
  },
  sync: (fd) => fd.datasync(),
};

/** Makes names in a directory durable; where the system cannot (Windows), nothing happens. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a directory with its parents, all durable. One by one: Node's own way never ends where none can be made (/proc/x). */
export async function makeDirectory(directory: string): Promise<void> {
  const missing: string[] = [];
  for (let at = directory; !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  if (missing.length === 0 && !(await stat(directory)).isDirectory()) await mkdir(directory);
  for (const made of missing) {
    await mkdir(made, { mode: 0o700 }).catch((error) => {
      if (errnoOf(error) !== 'EEXIST') throw error; // Somebody else made it meanwhile.
    });
    await syncDirectory(dirname(made));
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Replaces a small file at once and durably: readers see the old or the new content, never a part. */
export async function replaceFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncDirectory(dirname(file));
}

/** The text of a file, or nothing when there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Keeps the present bytes of a file under `quarantine/`, by a second name where the file system allows; answers with that name. */
export async function setAside(file: string, quarantine: string, at: number): Promise<string> {
  await makeDirectory(quarantine);
  const stamp = new Date(at).toISOString().replaceAll(/[:.]/g, '-');
  for (let n = 0; ; n++) {
    const kept = join(quarantine, `${basename(file)}.${stamp}${n === 0 ? '' : `.${n}`}`);
    try {
      await secondName(file, kept);
      return kept;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** A hard link costs no space, which matters when the disk is full; FAT and some network shares have none. */
async function secondName(file: string, kept: string): Promise<void> {
  try {
    await link(file, kept);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(errnoOf(error))) throw error;
    await copyFile(file, kept, constants.COPYFILE_EXCL);
  }
}

/** What the system says to a rename from one disk to another, of a place where a disk is mounted, and onto what a stopped call left. */
const NOT_BY_NAME = ['EXDEV', 'EBUSY', 'ENOTEMPTY', 'EEXIST'];

/**
 * Moves a file or directory by one rename; where a disk of its own is mounted at either place, what is in it, file by file. That may
 * be called again after a stop at any moment, and goes on where it was.
 */
export async function moveWhole(from: string, to: string): Promise<void> {
  try {
    return await rename(from, to);
  } catch (error) {
    if (!NOT_BY_NAME.includes(errnoOf(error))) throw error;
  }
  if (!(await stat(from)).isDirectory()) return moveBytes(from, to);
  await makeDirectory(to);
  for (const name of (await readdir(from)).sort()) await moveWhole(join(from, name), join(to, name));
  await syncDirectory(to);
  await rmdir(from).catch((error) => {
    if (errnoOf(error) !== 'EBUSY') throw error; // The disk stays mounted there.
  });
}

async function moveBytes(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  await copyFile(from, part);
  const handle = await open(part, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, to);
  await syncDirectory(dirname(to));
  await removeFile(from);
}

/** Takes a file or directory away; a missing one is fine. */
export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true, recursive: true });
}
