import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { JobProgress } from '../../protocol/jobs.ts';
import { DATA_KEY_FILE, writeDataKey } from '../data-key.ts';
import { syncFolder } from '../placed.ts';
import { KEY_FILE } from '../seal.ts';
import { writeWhole } from '../whole-file.ts';
import { isKeptAtPlainRestore } from './contents.ts';
import { openBackup } from './file.ts';
import { BackupError, type BackupHeader } from './format.ts';
import { type BackupTools, type InDatabase, lengthOf, megabytes } from './make.ts';
import { folderSink } from './sinks.ts';

export interface RestoreOptions extends Pick<BackupTools, 'check' | 'freeBytes'> {
  dataDir: string;
  file: string;
  passphrase: string | undefined;
  /** The master key of the data directory as it is; what is restored is sealed with it from then on. */
  master: Buffer;
  /** Where documents and history are in a database. */
  inDatabase?: Pick<InDatabase, 'documents'> | undefined;
  /** The newest format of data that this program knows. */
  newestFormat: number;
  /** Who asked for it; stands in the audit trail after the restart. */
  by: string;
  now: number;
  signal?: AbortSignal;
  progress?: (progress: JobProgress) => void;
}

/** Left beside restored data, so that the first start after it can tell of it. */
export const RESTORED_NOTE = 'restored.json';
export const restoredNote = z.object({ by: z.string(), at: z.number(), madeAt: z.number(), applianceId: z.string() });
const RESERVE_BYTES = 50e6;

/**
 * Unpacks a backup, opens it to the last line and puts it down as `restore/`, which the next opening of the data directory puts in
 * place of the present data. Fails with `BackupError`, and then nothing was changed.
 */
export async function prepareRestore(options: RestoreOptions): Promise<BackupHeader> {
  const { dataDir, file, passphrase, signal, progress } = options;
  const part = path.join(dataDir, 'restore.part');
  const ready = path.join(dataDir, 'restore');
  await rm(part, { recursive: true, force: true });
  const total = await lengthOf(file);
  let done = 0;
  try {
    const folder = folderSink(part, (bytes) => {
      signal?.throwIfAborted();
      done += bytes;
      progress?.({ done: Math.min(done, total), of: total, text: 'Unpacking' });
    });
    await mkdir(part, { recursive: true, mode: 0o700 });
    const source = createReadStream(file, { highWaterMark: 256 * 1024 });
    const onHeader = (header: BackupHeader) => admit(header, { ...options, total });
    const header = await openBackup({ source, passphrase, sink: folder.sink, onHeader });
    progress?.({ done: total, of: total, text: 'Checking' });
    await judge(part, options);
    await addSecrets(part, folder.dataKey(), options);
    await noteWho(part, header, options);
    await folder.settle();
    await rm(ready, { recursive: true, force: true });
    await rename(part, ready);
    await syncFolder(dataDir);
    return header;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function admit(
  { dataFormat }: BackupHeader,
  { newestFormat, dataDir, freeBytes, total }: RestoreOptions & { total: number },
): Promise<void> {
  if (dataFormat > newestFormat)
    throw new BackupError(
      'newer',
      `This backup was made by a newer Reeve (format ${dataFormat}, this one knows up to ${newestFormat}). Nothing was changed; bring this one up to date first`,
    );
  const free = await freeBytes(dataDir);
  if (free >= total + RESERVE_BYTES) return;
  throw new BackupError(
    'no-space',
    `To restore it ${megabytes(total)} are needed and ${megabytes(free)} are free. Nothing was changed; free some space first`,
  );
}

/** What does not open here would not open after the restart. */
async function judge(part: string, { check, signal }: RestoreOptions): Promise<void> {
  const wrong = await check(part, signal);
  if (wrong.length > 0)
    throw new BackupError(
      'damaged',
      `The backup cannot be opened: ${wrong.slice(0, 5).join('; ')}. Nothing was changed`,
    );
  for (const name of await readdir(part))
    if (name.startsWith('before-format-')) await rm(path.join(part, name), { recursive: true });
}

/** Identity and secrets: those of the backup, under the master key of this place; or, where it has none, those of this place. */
async function addSecrets(part: string, dataKey: Buffer | undefined, options: RestoreOptions): Promise<void> {
  const { dataDir, master, inDatabase } = options;
  await rm(path.join(part, 'collections.json'), { force: true }); // Made anew of what is there.
  await copyIfThere(KEY_FILE, dataDir, part);
  await copyIfThere('clock.json', dataDir, part);
  if (dataKey) return writeDataKey(part, dataKey, [master]);
  for (const name of [DATA_KEY_FILE, 'appliance.json', 'certificates.json', 'self-agent/agent.json'])
    await copyIfThere(name, dataDir, part);
  if (inDatabase) return inDatabase.documents(part, (kind) => isKeptAtPlainRestore(`docs/${kind}.db`));
  const documents = await readdir(path.join(dataDir, 'docs')).catch(() => []);
  for (const name of documents.map((each) => `docs/${each}`).filter(isKeptAtPlainRestore))
    await copyIfThere(name, dataDir, part);
}

async function copyIfThere(name: string, from: string, to: string): Promise<void> {
  const content = await readFile(path.join(from, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (!content) return;
  await mkdir(path.dirname(path.join(to, name)), { recursive: true, mode: 0o700 });
  await writeFile(path.join(to, name), content, { mode: 0o600, flush: true });
}

const noteWho = (part: string, { madeAt, applianceId }: BackupHeader, { by, now }: RestoreOptions): Promise<void> =>
  writeWhole(path.join(part, RESTORED_NOTE), `${JSON.stringify({ by, at: now, madeAt, applianceId })}\n`);
