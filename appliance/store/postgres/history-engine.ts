import type { Damage } from '../errors.ts';
import type { HistoryEngine } from '../history-engine.ts';
import type { StoreLog } from '../store-log.ts';
import { PostgresChunkStore } from './chunk-store.ts';
import { type DatabaseParts, PostgresCommitLog } from './commit-log.ts';
import type { Database } from './database.ts';
import { PostgresRecords } from './records.ts';

export interface PostgresHistoryOptions {
  /** Whoever opened it closes it, after history. */
  database: Database;
  log: StoreLog;
}

/**
 * Opens the history in a database. Opening only reads, so that a database whose `read` shows one moment gives the history of that
 * moment. Fails with `StorageError`.
 */
export async function openPostgresHistory({ database, log }: PostgresHistoryOptions): Promise<HistoryEngine> {
  const damage: Damage[] = [];
  const parts: DatabaseParts = { database, log, onDamage: (found) => void damage.push(found) };
  const chunks = await PostgresChunkStore.open(parts);
  const records = await PostgresRecords.open(parts);
  const logs: PostgresCommitLog[] = [];

  return {
    chunks,
    records,
    damage,
    async log(lane) {
      const opened = await PostgresCommitLog.open(parts, lane);
      logs.push(opened);
      return opened;
    },
    bytes: () => logs.reduce((sum, each) => sum + each.bytes, chunks.bytes + records.bytes),
    async close() {
      for (const each of logs) await each.rotate();
    },
  };
}
