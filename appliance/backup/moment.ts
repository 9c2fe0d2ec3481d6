import { copyFileSync, linkSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Entry } from './archive.ts';

/** A file as it was at one moment: its first `bytes` bytes never change any more. */
interface Kept {
  path: string;
  file: string;
  bytes: number;
}

export interface Moment {
  files: readonly Kept[];
  /** How long history sealed and dropped nothing. */
  heldMs: number;
  /** Lets go of it. */
  release(): Promise<void>;
}

export interface MomentOptions {
  dataDir: string;
  /** A folder on the same file system, which this makes and takes away. */
  scratch: string;
  /** Runs work while history moves none of its files. */
  still<T>(work: () => Promise<T>): Promise<T>;
  /** Where documents and history are in a database: writes them, as they are at one moment, into a folder as `docs/` and `history/`. */
  inDatabase?: { all(folder: string, signal?: AbortSignal): Promise<void> } | undefined;
  signal?: AbortSignal | undefined;
}

const ROOT_FILES = ['appliance.json', 'certificates.json', 'format.json', 'self-agent/agent.json'];
/** Unfinished files and what was damaged are not part of the data. */
const LEFT_OUT = /\.(?:part|new)$|~$/;
/** Of history, in its own folder: a second name has to be on the disk of the first, and history may have a disk of its own. */
const SECOND_NAMES = 'backup.part';
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV'];

/**
 * Holds one moment of the data directory by second names: files only grow at their end or are replaced whole, so that what a name
 * and a length say stays true while the appliance works on. Documents and small files are taken in one turn of the event loop;
 * history, which may be thousands of files, while it neither seals nor drops, commits going on. File systems without hard links
 * get copies. What is in a database is written out instead, while it works on.
 */
export async function holdMoment(options: MomentOptions): Promise<Moment> {
  const { dataDir, scratch, inDatabase } = options;
  const ofHistory = path.join(dataDir, 'history', SECOND_NAMES);
  const release = async (): Promise<void> => {
    for (const place of [scratch, ofHistory]) await rm(place, { recursive: true, force: true });
  };
  await release();
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  try {
    const { held, heldMs } = inDatabase ? await writeOut(options, inDatabase) : await holdNames(options, ofHistory);
    const files: Kept[] = [];
    for (const each of held) files.push({ ...each, bytes: await wholeLength(each.file) });
    return { files, heldMs, release };
  } catch (error) {
    await release();
    throw error;
  }
}

interface Held {
  held: readonly Pick<Kept, 'path' | 'file'>[];
  heldMs: number;
}

const heldIn = (dir: string, names: readonly string[]): Held['held'] =>
  names.map((name) => ({ path: name, file: path.join(dir, name) }));

async function holdNames({ dataDir, scratch, still }: MomentOptions, ofHistory: string): Promise<Held> {
  const startedAt = performance.now();
  const held = await still(async () => {
    const history = (await filesOfHistory(dataDir)).map((name) => ({
      path: name,
      file: path.join(ofHistory, path.relative('history', name)),
    }));
    for (const { path: name, file } of history) await hold(path.join(dataDir, name), file);
    const small = holdSmall(dataDir, scratch, [...ROOT_FILES, ...documentsIn(dataDir)]);
    return [...history, ...heldIn(scratch, small)];
  });
  return { held, heldMs: performance.now() - startedAt };
}

async function writeOut(
  { dataDir, scratch, signal }: MomentOptions,
  database: NonNullable<MomentOptions['inDatabase']>,
): Promise<Held> {
  await database.all(scratch, signal);
  const written = [...(await filesOfHistory(scratch)), ...documentsIn(scratch)];
  return { held: heldIn(scratch, [...written, ...holdSmall(dataDir, scratch, ROOT_FILES)]), heldMs: 0 };
}

const filesOfHistory = async (dir: string): Promise<string[]> =>
  (await filesUnder(path.join(dir, 'history'))).map((name) => path.posix.join('history', name));

const documentsIn = (dir: string): string[] =>
  readdirSync(path.join(dir, 'docs'))
    .filter((name) => name.endsWith('.db'))
    .sort()
    .map((name) => `docs/${name}`);

/** The moment's files as entries of a backup. */
export const entryOf = ({ path: name, file, bytes }: Kept): Entry => ({
  path: name,
  bytes,
  async *pieces() {
    if (bytes === 0) return;
    const handle = await open(file, 'r');
    try {
      yield* handle.createReadStream({ end: bytes - 1, autoClose: false, highWaterMark: 256 * 1024 });
    } finally {
      await handle.close();
    }
  },
});

async function filesUnder(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(ifMissing([]));
  return entries
    .filter((entry) => entry.isFile() && !LEFT_OUT.test(entry.name))
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((name) => !name.startsWith('quarantine/') && !name.startsWith(`${SECOND_NAMES}/`))
    .sort();
}

/** In one go, so that no document is written between two of them. */
function holdSmall(dataDir: string, scratch: string, names: readonly string[]): string[] {
  return names.filter((name) => {
    const from = path.join(dataDir, name);
    const to = path.join(scratch, name);
    if (!statSync(from, { throwIfNoEntry: false })?.isFile()) return false;
    mkdirSync(path.dirname(to), { recursive: true });
    try {
      linkSync(from, to);
    } catch (error) {
      if (!NO_LINKS.includes(codeOf(error))) throw error;
      copyFileSync(from, to);
    }
    return true;
  });
}

async function hold(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINKS.includes(codeOf(error))) throw error;
    await copyFile(from, to);
  }
}

const BLOCK_BYTES = 64 * 1024;

/** How much of a file counts: a `.db` file ends with its last finished line, the next may be half written. */
async function wholeLength(file: string): Promise<number> {
  const { size } = await stat(file);
  if (!file.endsWith('.db')) return size;
  const handle = await open(file, 'r');
  try {
    for (let end = size; end > 0; ) {
      const from = Math.max(0, end - BLOCK_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - from), 0, end - from, from);
      const at = buffer.subarray(0, bytesRead).lastIndexOf(10);
      if (at >= 0) return from + at + 1;
      end = from;
    }
    return 0;
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const ifMissing =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (codeOf(error) !== 'ENOENT') throw error;
    return instead;
  };
