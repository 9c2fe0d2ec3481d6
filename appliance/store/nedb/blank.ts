import { open } from 'node:fs/promises';
import type { Disk } from '../disk.ts';
import { errnoOf, StorageError } from '../errors.ts';
import type { Location } from './append-file.ts';

/** Puts line breaks in place of lines: they are gone for good, and no other line moves. NeDB skips empty lines. */
export async function blank(file: string, lines: readonly Location[], disk: Disk): Promise<void> {
  try {
    const handle = await open(file, 'r+');
    try {
      for (const { offset, length } of lines) await disk.write(handle, Buffer.alloc(length, '\n'), offset);
      await disk.sync(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw new StorageError(`${file} cannot be written`, error);
  }
}
