import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytesOf } from '../../wear.ts';
import { readBinding, writeBinding } from '../binding.ts';
import { makeDirectory, removeFile, syncDirectory } from '../disk.ts';
import { DataDirectoryError } from '../errors.ts';
import { counted } from '../move/any-document.ts';
import { readFiles } from '../move/file-documents.ts';
import { lanesIn, openUnsynced, syncTree } from '../move/files.ts';
import { countHistory } from '../move/history.ts';
import { settle, TAKEN_OUT } from '../move/leave.ts';
import { Tally } from '../move/tally.ts';
import type { StoreLog } from '../store-log.ts';
import type { Database } from './database.ts';
import type { Joining } from './join.ts';
import { bytesOutside, takeOut } from './take-out.ts';

const RESERVE_BYTES = 100e6;

/**
 * Moves documents and history of a data directory out of its database into files, reads them back and compares. What was in the
 * database is kept there, as the schema `reeve_before_files`. A stop at any moment is made good by the next call, or by a start with
 * PostgreSQL, where they then stay. Fails with `DataDirectoryError` when what is read back differs or the disk is too small.
 */
export async function leaveDatabase(joining: Omit<Joining, 'now'>): Promise<{ documents: number; chunks: number }> {
  const { dir, database, log, onStep = () => undefined } = joining;
  const part = join(dir, `${TAKEN_OUT}.part`);
  for (const place of [part, join(dir, TAKEN_OUT)]) await removeFile(place);
  await needSpace(dir, await bytesOutside(database));
  await makeDirectory(part);
  const read = await database.moment((query) => takeOut({ database, query, folder: part, log }));
  const found = await countFiles(part, log);
  const wrong = read.differences(found);
  if (wrong.length > 0)
    throw new DataDirectoryError(
      'migration-failed',
      `What was written into ${part} is not what is in ${database.place}: ${wrong.slice(0, 3).join('; ')}. Nothing was changed; try it again, and report it when it stays so.`,
    );
  await syncTree(part);
  onStep('all is out, read back and compared');
  await rename(part, join(dir, TAKEN_OUT));
  await syncDirectory(dir);
  onStep('it has its name');
  const bound = await readBinding(dir);
  await writeBinding(dir, { store: 'postgres', id: bound?.id ?? database.id, leaving: true });
  onStep('the files count');
  await settle(dir, log);
  onStep('the files are in place');
  await keepTables(database).catch((error) =>
    log.warn({ err: error }, `What was in ${database.place} stays there as the schema reeve: it could not be renamed`),
  );
  return { documents: found.count('documents '), chunks: found.count('chunks ') };
}

/** So that the database is an empty one for whoever moves into it next. */
const keepTables = (database: Database): Promise<void> =>
  database.transaction(async (query) => {
    await query('drop schema if exists reeve_before_files cascade');
    await query('alter schema reeve rename to reeve_before_files');
  });

async function needSpace(dir: string, bytes: number): Promise<void> {
  const free = await freeBytesOf(dir);
  if (free >= bytes + RESERVE_BYTES) return;
  const megabytes = (each: number): string => `${Math.ceil(each / 1e6)} MB`;
  throw new DataDirectoryError(
    'migration-failed',
    `The files need ${megabytes(bytes)} and ${megabytes(free)} are free in ${dir}. Nothing was changed; free some space first.`,
  );
}

async function countFiles(folder: string, log: StoreLog): Promise<Tally> {
  const tally = new Tally();
  for await (const _document of counted(
    readFiles(folder, log, () => undefined),
    tally,
  ));
  const engine = await openUnsynced(folder, log);
  try {
    await countHistory({ engine, lanes: await lanesIn(folder) }, tally);
  } finally {
    await engine.close();
  }
  return tally;
}
