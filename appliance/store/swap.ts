import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { noteRestored } from './binding.ts';
import { makeDirectory, moveWhole, readIfThere, removeFile, replaceFile, syncDirectory } from './disk.ts';
import type { StoreLog } from './store-log.ts';

/** Where a restore puts the data that is to take the place of the present one; there from the moment it is complete. */
export const RESTORED = 'restore';
const NOTE = 'swap.json';
/** In every data directory. */
const FORMAT = 'format.json';
const DONE = 'restore.part';
const FORMER = 'before-restore-';

/** `out`: what was there is moved into `former`; `in`: what was restored takes its place. */
const note = z.object({ phase: z.enum(['out', 'in']), former: z.string().regex(/^before-restore-[\w-]+$/) });
type Note = z.infer<typeof note>;

/** What belongs to the place and not to the data: where documents and history are, too; executables of the agent were brought for the version that runs here, and are in no backup. */
const STAYS =
  /^(?:LOCK|run\.json$|before-|restore(?:\.part)?$|backups$|backup\.|executables(?:\.\w+)?$|store\.json$|move(?:\.part)?$)/;

export interface SwapOptions {
  dir: string;
  log: StoreLog;
  now: () => number;
  /** Called before each step that changes the disk; for tests that stop there. */
  onStep?: (what: string) => void;
}

/**
 * Puts restored data in the place of the present one, which is kept as `before-restore-<time>/`; nothing when there is none. A stop
 * at any moment is made good by the next call: a note says which half is under way, and each step is one rename, or may be begun
 * again. To be called while the directory is held, before anything in it is opened.
 */
export async function swapInRestored(options: SwapOptions): Promise<boolean> {
  const { dir, log, now, onStep = () => undefined } = options;
  const restored = join(dir, RESTORED);
  const names = await readdir(restored).catch((): string[] => []);
  // Nothing moves out for an empty folder that somebody made.
  if (!names.includes(NOTE) && !names.includes(FORMAT)) return false;
  const found = await readNote(restored);
  const stamp = new Date(now()).toISOString().replaceAll(/[:.]/g, '-');
  const former = found?.former ?? `${FORMER}${stamp}`;
  if (found?.phase !== 'in') {
    onStep('note that the present data moves out');
    await writeNote(restored, { phase: 'out', former });
    await moveAll(dir, join(dir, former), { pick: (name) => !STAYS.test(name), onStep });
    onStep('note that the restored data moves in');
    await writeNote(restored, { phase: 'in', former });
  }
  await moveAll(restored, dir, { pick: (name) => name !== NOTE, onStep });
  onStep('note what is to go into the database');
  await noteRestored(dir);
  for (const name of await readdir(dir)) {
    if (!name.startsWith(FORMER) || name === former) continue;
    onStep('take an older copy away');
    await removeFile(join(dir, name));
  }
  // At one go: a folder without its note would look like another restore.
  onStep('take the note away');
  await removeFile(join(dir, DONE));
  await rename(restored, join(dir, DONE));
  onStep('take the empty folder away');
  await removeFile(join(dir, DONE));
  await syncDirectory(dir);
  log.info({ former }, 'Restored data is in place; what was there before is kept');
  return true;
}

interface Moving {
  pick(name: string): boolean;
  onStep(what: string): void;
}

async function moveAll(from: string, to: string, { pick, onStep }: Moving): Promise<void> {
  await makeDirectory(to);
  for (const name of (await readdir(from)).filter(pick).sort()) {
    onStep(`move ${name}`);
    await moveWhole(join(from, name), join(to, name));
  }
  await syncDirectory(from);
  await syncDirectory(to);
}

async function readNote(restored: string): Promise<Note | undefined> {
  const text = await readIfThere(join(restored, NOTE));
  return text === undefined ? undefined : note.parse(JSON.parse(text));
}

const writeNote = (restored: string, value: Note): Promise<void> =>
  replaceFile(join(restored, NOTE), `${JSON.stringify(value)}\n`);
