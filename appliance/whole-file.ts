import { readFile, rename, writeFile } from 'node:fs/promises';

/** Writes a small file whole or not at all, for the owner's eyes only: a power cut leaves the old content or the new one. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const next = `${file}~`;
  await writeFile(next, content, { mode: 0o600, flush: true });
  await rename(next, file);
}

/** The text of a file, or undefined when there is none. */
export async function readWhole(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw Object.assign(error as Error, { path: file }); // Of a folder Node does not say the path.
  }
}
