import type { StoreLog } from '../store-log.ts';
import type { FilesOfDatabase, Stores, StoresOptions } from '../stores.ts';
import type { StoreAddress } from './address.ts';
import { openDatabase } from './connect.ts';
import type { Database, Query } from './database.ts';
import { openPostgresDocuments } from './documents.ts';
import { openPostgresHistory } from './history-engine.ts';
import { joinDatabase, judgeJoin } from './join.ts';
import { leaveDatabase } from './leave.ts';
import { bytesOutside, takeDocumentsOut, takeOut } from './take-out.ts';

/** Opens documents and history in a database that belongs to a data directory, or does from now on. */
export async function openInDatabase(options: StoresOptions, address: StoreAddress): Promise<Stores> {
  const { log } = options;
  const { database, isMoved } = await joined(options, address);
  try {
    const documents = openPostgresDocuments({ database, log });
    return {
      documents,
      openHistory: (historyLog = log) => openPostgresHistory({ database, log: historyLog }),
      place: `PostgreSQL ${database.place}`,
      trouble: () => database.trouble(),
      files: filesOf(database, log),
      isMoved,
      async close() {
        await documents.close().finally(() => database.close());
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Moves documents and history of a data directory out of its database into files. */
export async function leaveInDatabase(options: StoresOptions, address: StoreAddress): Promise<void> {
  const { dir, log } = options;
  const { database } = await joined(options, address);
  try {
    log.info({ dir }, `Documents and history are moved out of ${database.place}; this may take some minutes`);
    await leaveDatabase({ dir, database, log });
  } finally {
    await database.close();
  }
}

async function joined(
  { dir, log, now = Date.now, patienceMs, stopping }: StoresOptions,
  address: StoreAddress,
): Promise<{ database: Database; isMoved: boolean }> {
  const mayUse = async (about: Pick<Database, 'id' | 'place'>, query: Query) =>
    void (await judgeJoin(dir, about, query));
  const waits = { stopping, ...(patienceMs !== undefined && { patienceMs }) };
  const database = await openDatabase({ address, log, mayUse, ...waits });
  try {
    return { database, isMoved: await joinDatabase({ dir, database, log, now }) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function filesOf(database: Database, log: StoreLog): FilesOfDatabase {
  return {
    bytes: () => bytesOutside(database),
    all: (folder, signal) =>
      database.moment(async (query) => void (await takeOut({ database, query, folder, log, signal }))),
    documents: (folder, isWanted) =>
      database.moment((query) => takeDocumentsOut({ database, query, folder, log }, isWanted)),
  };
}
