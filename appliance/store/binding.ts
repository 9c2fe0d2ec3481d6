import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, removeFile, replaceFile, syncDirectory } from './disk.ts';
import { DataDirectoryError } from './errors.ts';

const FILE = 'store.json';

const binding = z.object({
  store: z.literal('postgres'),
  /** Of the database (`Database.id`). */
  id: z.string().min(1),
  /** A restore has put documents and history into the directory, which are to take the place of those in the database. */
  restored: z.literal(true).exactOptional(),
  /** A filling that began at `at`: the database has its mark from the moment on at which all is in it. */
  filling: z.object({ mark: z.string().min(1), at: z.number() }).exactOptional(),
  /** All is in files again; what is left to do is to put them in place. */
  leaving: z.literal(true).exactOptional(),
});

/** Says that the documents and the history of a data directory are in a database, and in which one; `store.json`. */
export type Binding = z.infer<typeof binding>;

/** The binding of a data directory; nothing where its documents and history are files. Fails with `DataDirectoryError` when it is damaged. */
export async function readBinding(dir: string): Promise<Binding | undefined> {
  const text = await readIfThere(join(dir, FILE));
  if (text === undefined) return undefined;
  try {
    return binding.parse(JSON.parse(text));
  } catch (error) {
    throw new DataDirectoryError(
      'not-here',
      `${join(dir, FILE)} is damaged. It says in which PostgreSQL database the documents and the history of this appliance are: restore it from a copy of the folder, or write {"store":"postgres","id":"…"} into it, with the id that the table reeve.about of the database holds.`,
      error,
    );
  }
}

/** Writes it, at once and durably. */
export const writeBinding = (dir: string, value: Binding): Promise<void> =>
  replaceFile(join(dir, FILE), `${JSON.stringify(value)}\n`);

/** From now on documents and history are files. */
export async function removeBinding(dir: string): Promise<void> {
  await removeFile(join(dir, FILE));
  await syncDirectory(dir);
}

/** To be called when a restore has put files into a directory; nothing where it is not bound. */
export async function noteRestored(dir: string): Promise<void> {
  const bound = await readBinding(dir);
  if (bound) await writeBinding(dir, { store: bound.store, id: bound.id, restored: true });
}
