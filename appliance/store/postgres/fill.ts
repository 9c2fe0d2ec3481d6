import { join } from 'node:path';
import { type Damage, DataDirectoryError } from '../errors.ts';
import { counted } from '../move/any-document.ts';
import { readFiles } from '../move/file-documents.ts';
import { lanesIn } from '../move/files.ts';
import { copyHistory, countHistory } from '../move/history.ts';
import { Tally } from '../move/tally.ts';
import { openNedbHistory } from '../nedb/history-engine.ts';
import type { StoreLog } from '../store-log.ts';
import { readRows, writeRows } from './any-documents.ts';
import type { Database, Query } from './database.ts';
import { openPostgresHistory } from './history-engine.ts';
import { inside } from './inside.ts';
import { TABLES } from './tables.ts';

export interface Filling {
  /** The data directory with the files. */
  dir: string;
  database: Database;
  log: StoreLog;
  /** Stands in the database from the moment on at which everything is in it. */
  mark: string;
  /** What is in the database is kept as the schema `reeve_before_restore`; else it must be empty. */
  replaces: boolean;
  /** Called when everything is in and was read back, just before it counts. */
  onFilled(): Promise<void>;
}

export interface Filled {
  documents: number;
  chunks: number;
  damage: readonly Damage[];
}

/**
 * Fills a database with the documents and the history of a directory, reads them back and compares: all of it or nothing, in one
 * transaction. The files stay as they are. Fails with `DataDirectoryError` when what is read back differs, with `StorageError` when
 * the database or the disk refuses; nothing has changed then.
 */
export async function fill(filling: Filling): Promise<Filled> {
  const { database, mark, replaces, onFilled, log } = filling;
  return database.transaction(async (query) => {
    if (replaces) await setAside(query);
    const damage: Damage[] = [];
    const read = new Tally();
    await copyIn(filling, query, { tally: read, damage });
    const found = await countAll(database, query, log);
    const wrong = read.differences(found);
    if (wrong.length > 0)
      throw new DataDirectoryError(
        'migration-failed',
        `What came into ${database.place} is not what is in ${filling.dir}: ${wrong.slice(0, 3).join('; ')}. Nothing was changed there; try it again, and report it when it stays so.`,
      );
    await query('update reeve.about set filled = $1', [mark]);
    await onFilled();
    return { documents: found.count('documents '), chunks: found.count('chunks '), damage };
  });
}

/** The mark of what the database was filled with last, and whether nothing is in it. */
export async function stateOf(read: Query): Promise<{ isEmpty: boolean; mark: string | undefined }> {
  const [found] = await read<{ filled: string | null; held: boolean }>(
    `select filled, exists (select from reeve.documents) or exists (select from reeve.records)
      or exists (select from reeve.commits) or exists (select from reeve.partitions) as held from reeve.about`,
  );
  return { isEmpty: found?.held === false, mark: found?.filled ?? undefined };
}

/** Everything in the database as `query` sees it, counted. */
export async function countAll(database: Database, query: Query, log: StoreLog): Promise<Tally> {
  const tally = new Tally();
  for await (const _document of counted(
    readRows(query, () => true),
    tally,
  ));
  const engine = await openPostgresHistory({ database: inside(database, query), log });
  await countHistory({ engine, lanes: await lanesOf(query) }, tally);
  return tally;
}

/** The lanes that have commits. */
export const lanesOf = async (query: Query): Promise<string[]> =>
  (await query<{ lane: string }>('select distinct lane from reeve.commits order by lane')).map(({ lane }) => lane);

async function setAside(query: Query): Promise<void> {
  await query('drop schema if exists reeve_before_restore cascade');
  await query('alter schema reeve rename to reeve_before_restore');
  await query('create schema reeve');
  await query(TABLES);
  await query('insert into reeve.about select * from reeve_before_restore.about');
}

async function copyIn(
  { dir, database, log }: Filling,
  query: Query,
  { tally, damage }: { tally: Tally; damage: Damage[] },
): Promise<void> {
  const documents = readFiles(dir, log, (found) => void damage.push(found));
  await writeRows(query, counted(documents, tally));
  const from = await openNedbHistory({ dir: join(dir, 'history'), log });
  try {
    const to = await openPostgresHistory({ database: inside(database, query), log });
    await copyHistory({ engine: from, lanes: await lanesIn(dir) }, to, tally);
    damage.push(...from.damage);
  } finally {
    await from.close();
  }
}
