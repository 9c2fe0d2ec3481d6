import { join } from 'node:path';
import { type Disk, realDisk } from '../disk.ts';
import type { Damage } from '../errors.ts';
import type { HistoryEngine } from '../history-engine.ts';
import type { StoreLog } from '../store-log.ts';
import { NedbChunkStore } from './chunk-store.ts';
import { NedbCommitLog, type NedbFiles } from './commit-log.ts';
import { DurableFile } from './durable.ts';
import { NedbRecords } from './records.ts';

export interface NedbHistoryOptions {
  /** Directory of history, inside a data directory that is held; what was damaged is kept in its `quarantine/`. */
  dir: string;
  log: StoreLog;
  now?: () => number;
  disk?: Disk;
}

/** Opens the files of history; makes them in an empty directory. */
export async function openNedbHistory(options: NedbHistoryOptions): Promise<HistoryEngine> {
  const { dir, log, now = Date.now, disk = realDisk } = options;
  const quarantine = join(dir, 'quarantine');
  const damage: Damage[] = [];
  const files: NedbFiles = { dir, quarantine, log, now, disk, onDamage: (found) => void damage.push(found) };
  const chunks = await NedbChunkStore.open(files);
  const recordFile = await DurableFile.open({ ...files, file: join(dir, 'records.db') });
  damage.push(...recordFile.damage);
  const logs: NedbCommitLog[] = [];

  return {
    chunks,
    records: new NedbRecords(recordFile),
    damage,
    async log(lane) {
      const opened = await NedbCommitLog.open({ ...files, dir: join(dir, 'log', lane) });
      logs.push(opened);
      return opened;
    },
    bytes: () => logs.reduce((sum, each) => sum + each.bytes, chunks.bytes + recordFile.bytes),
    async close() {
      for (const each of logs) await each.rotate();
      await chunks.close();
      await recordFile.close();
    },
  };
}
