import { counted } from '../move/any-document.ts';
import { writeFiles } from '../move/file-documents.ts';
import { openUnsynced } from '../move/files.ts';
import { copyHistory } from '../move/history.ts';
import { Tally } from '../move/tally.ts';
import type { StoreLog } from '../store-log.ts';
import { readRows } from './any-documents.ts';
import type { Database, Query } from './database.ts';
import { lanesOf } from './fill.ts';
import { openPostgresHistory } from './history-engine.ts';
import { inside } from './inside.ts';

export interface TakeOut {
  database: Database;
  /** What it sees; of a transaction that sees one moment. */
  query: Query;
  /** Where `docs/` and `history/` are made; not durable yet. */
  folder: string;
  log: StoreLog;
  signal?: AbortSignal | undefined;
}

/** Writes all documents and the history of a database as files, in the form of a data directory, and counts them. */
export async function takeOut({ database, query, folder, log, signal }: TakeOut): Promise<Tally> {
  const tally = new Tally();
  const isWanted = (): boolean => {
    signal?.throwIfAborted();
    return true;
  };
  await writeFiles(folder, counted(readRows(query, isWanted), tally));
  const to = await openUnsynced(folder, log);
  try {
    const from = await openPostgresHistory({ database: inside(database, stoppable(query, signal)), log });
    await copyHistory({ engine: from, lanes: await lanesOf(query) }, to, tally);
  } finally {
    await to.close();
  }
  return tally;
}

/** Writes the documents of some kinds as files. */
export const takeDocumentsOut = ({ query, folder }: TakeOut, isWanted: (kind: string) => boolean): Promise<void> =>
  writeFiles(folder, readRows(query, isWanted));

/** About how many bytes the files will take. */
export async function bytesOutside({ read }: Database): Promise<number> {
  const [found] = await read<{ bytes: number }>(
    `select (coalesce((select sum(octet_length(body) + 60) from reeve.documents), 0)
      + coalesce((select sum(octet_length(body) + 60) from reeve.records), 0)
      + coalesce((select sum(octet_length(payload)) from reeve.commits), 0) * 1.4
      + coalesce((select sum(octet_length(body)) from reeve.chunks), 0) * 1.5)::bigint as bytes`,
  );
  return found?.bytes ?? 0;
}

const stoppable =
  (query: Query, signal: AbortSignal | undefined): Query =>
  (text, values) => {
    signal?.throwIfAborted();
    return query(text, values);
  };
