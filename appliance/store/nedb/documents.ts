import { join } from 'node:path';
import type { Disk } from '../disk.ts';
import type { Collection, Document, DocumentStore, Kind } from '../documents.ts';
import type { Damage } from '../errors.ts';
import { OpenedKinds } from '../opened-kinds.ts';
import type { StoreLog } from '../store-log.ts';
import { openCollection } from './collection.ts';
import { DurableFile } from './durable.ts';
import { Held } from './held.ts';

export interface DocumentStoreOptions {
  /** The data directory; documents are in `docs/`, what was damaged in `quarantine/`. */
  dir: string;
  log: StoreLog;
  now?: () => number;
  disk?: Disk;
}

/** Opens the documents of a data directory, one NeDB file for each kind. The directory must be held (`openDataDirectory`). */
export async function openDocumentStore(options: DocumentStoreOptions): Promise<DocumentStore> {
  const { dir, log, disk, now = Date.now } = options;
  const held = await Held.open(dir, log);
  const quarantined: Damage[] = [...held.lost];
  const files: DurableFile[] = [];

  const open = async <T extends Document>(kind: Kind<T>): Promise<Collection<T>> => {
    const file = await DurableFile.open({
      file: join(dir, 'docs', `${kind.name}.db`),
      quarantine: join(dir, 'quarantine'),
      indexes: kind.indexes.filter((field) => field !== 'id'),
      log,
      now,
      ...(disk ? { disk } : {}),
    });
    files.push(file);
    quarantined.push(...file.damage);
    const collection = await openCollection(file, kind, (damage) => {
      quarantined.push(damage);
      log.error(damage, 'A document does not fit its schema and is left out');
    });
    return {
      ...collection,
      async insert(document) {
        const inserted = await collection.insert(document);
        await held.note(kind.name);
        return inserted;
      },
    };
  };
  const kinds = new OpenedKinds(open);

  return {
    quarantined,
    collection: (kind) => kinds.collection(kind),
    kinds: () => kinds.all(),
    async close() {
      await kinds.settled();
      await Promise.all(files.map((file) => file.close()));
    },
  };
}
