import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { JobProgress } from '../../protocol/jobs.ts';
import { place } from '../placed.ts';
import type { Entry } from './archive.ts';
import { belongsIn, LEFT_OUT } from './contents.ts';
import { backupBytes, openBackup, writeFileDurably } from './file.ts';
import { BackupError, type BackupHeader } from './format.ts';
import { entryOf, holdMoment, type Moment } from './moment.ts';
import { folderSink, nowhere } from './sinks.ts';

/** What making and checking need of the rest of the appliance. */
export interface BackupTools {
  /** Runs work while history moves none of its files. */
  still<T>(work: () => Promise<T>): Promise<T>;
  /** Opens the data of a directory to the last line; answers with what is wrong. */
  check(dir: string, signal: AbortSignal | undefined): Promise<string[]>;
  freeBytes(dir: string): Promise<number>;
  /** A documents file without its sealed fields. */
  withoutSealed(file: string): AsyncIterable<Uint8Array>;
  /** Where documents and history are in a database. */
  inDatabase?: InDatabase | undefined;
}

/** Makes files of what is in a database, in the form of a data directory. */
export interface InDatabase {
  /** About how many bytes they will take. */
  bytes(): Promise<number>;
  /** Writes documents and history as they are at one moment into a folder, as `docs/` and `history/`. */
  all(folder: string, signal?: AbortSignal): Promise<void>;
  /** Writes the documents of some kinds into a folder, as `docs/`. */
  documents(folder: string, isWanted: (kind: string) => boolean): Promise<void>;
}

export interface MakeOptions extends BackupTools {
  dataDir: string;
  /** The file to be; it has its name only when it was checked. */
  file: string;
  passphrase: string | undefined;
  dataKey: Buffer;
  about: Pick<BackupHeader, 'version' | 'dataFormat' | 'applianceId' | 'madeAt'>;
  signal?: AbortSignal;
  progress?: (progress: JobProgress) => void;
}

export interface Made {
  bytes: number;
  files: number;
  heldMs: number;
  /** False where the disk had no room to unpack it: then it was read to its end, but not opened. */
  wasRestored: boolean;
}

/** Free space that a backup leaves on the disk. */
const RESERVE_BYTES = 100e6;

/** Makes a backup of the data directory of a running appliance and checks it by restoring it into a scratch folder. */
export async function makeBackup(options: MakeOptions): Promise<Made> {
  const { dataDir, file, passphrase, still, inDatabase, signal } = options;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.part`;
  if (inDatabase) await needScratch(options, await inDatabase.bytes());
  const moment = await holdMoment({ dataDir, scratch: path.join(dataDir, 'backup.part'), still, inDatabase, signal });
  try {
    const entries = await entriesOf(moment, options);
    const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    await needSpace(options, total);
    const bytes = await write(part, { ...options, entries, total, passphrase });
    const wasRestored = await verify(part, { ...options, total });
    await place(part, file);
    return { bytes, files: entries.length, heldMs: moment.heldMs, wasRestored };
  } finally {
    await moment.release();
    await rm(part, { force: true });
  }
}

async function entriesOf({ files }: Moment, { passphrase, dataKey, withoutSealed }: MakeOptions): Promise<Entry[]> {
  const hasSecrets = passphrase !== undefined;
  const entries: Entry[] = [];
  for (const kept of files.filter((each) => belongsIn(each.path, hasSecrets))) {
    const isPlainDocuments = !hasSecrets && kept.path.startsWith('docs/');
    entries.push(isPlainDocuments ? await inMemory(kept.path, withoutSealed(kept.file)) : entryOf(kept));
  }
  if (!hasSecrets) return entries;
  const secrets = Buffer.from(`${JSON.stringify({ dataKey: dataKey.toString('base64') })}\n`);
  return [
    {
      path: 'secrets.json',
      bytes: secrets.length,
      pieces: async function* () {
        yield secrets;
      },
    },
    ...entries,
  ];
}

/** Documents of the plain kinds are few: their rewritten lines are held, because an entry says its length first. */
async function inMemory(name: string, pieces: AsyncIterable<Uint8Array>): Promise<Entry> {
  const held: Uint8Array[] = [];
  for await (const piece of pieces) held.push(piece);
  const all = Buffer.concat(held);
  return {
    path: name,
    bytes: all.length,
    pieces: async function* () {
      yield all;
    },
  };
}

async function needSpace({ file, freeBytes }: MakeOptions, total: number): Promise<void> {
  const free = await freeBytes(path.dirname(file));
  if (free >= total + RESERVE_BYTES) return;
  throw new BackupError(
    'no-space',
    `The backup needs ${megabytes(total)} and ${megabytes(free)} are free: free some space, keep fewer backups, or name another folder`,
  );
}

/** What is in a database is written out before it is packed. */
async function needScratch({ dataDir, freeBytes }: MakeOptions, total: number): Promise<void> {
  const free = await freeBytes(dataDir);
  if (free >= total + RESERVE_BYTES) return;
  throw new BackupError(
    'no-space',
    `To make the backup ${megabytes(total)} are written into ${dataDir} first, and ${megabytes(free)} are free there: free some space`,
  );
}

type Writing = MakeOptions & { entries: readonly Entry[]; total: number };

async function write(part: string, { about, entries, total, passphrase, signal, progress }: Writing): Promise<number> {
  let done = 0;
  const stream = backupBytes({
    header: { ...about, leftOut: passphrase === undefined ? [...LEFT_OUT] : [] },
    entries,
    passphrase,
    signal,
    onBytes: (bytes) => {
      done += bytes;
      progress?.({ done: Math.min(done, total), of: total * 2, text: 'Writing' });
    },
  });
  return writeFileDurably(part, stream);
}

/** Reads back what is on the disk now, with the passphrase, as a restore would. */
async function verify(part: string, options: MakeOptions & { total: number }): Promise<boolean> {
  const { dataDir, passphrase, total, signal, progress, check, freeBytes } = options;
  const scratch = path.join(dataDir, 'backup.check');
  await rm(scratch, { recursive: true, force: true });
  const canUnpack = (await freeBytes(dataDir)) > total + RESERVE_BYTES;
  let done = total;
  const count = (bytes: number): void => {
    signal?.throwIfAborted();
    done += bytes;
    progress?.({ done: Math.min(done, total * 2), of: total * 2, text: 'Checking' });
  };
  try {
    const { sink } = canUnpack ? folderSink(scratch, count) : nowhere(count);
    await openBackup({ source: createReadStream(part, { highWaterMark: 256 * 1024 }), passphrase, sink });
    const wrong = canUnpack ? await check(scratch, signal) : [];
    if (wrong.length > 0) throw new Error(`The backup could not be restored: ${wrong.slice(0, 5).join('; ')}`);
    return canUnpack;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Bytes for people. */
export const megabytes = (bytes: number): string =>
  bytes >= 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : bytes >= 1e6
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${Math.ceil(bytes / 1e3)} kB`;

/** Length of a file; 0 where there is none. */
export async function lengthOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
