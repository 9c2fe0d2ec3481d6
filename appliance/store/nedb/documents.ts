import { join } from 'node:path';
import type { Disk } from '../disk.ts';
import { type Collection, checkKindName, type Document, type DocumentStore, type Kind } from '../documents.ts';
import type { Damage } from '../errors.ts';
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
  const collections = new Map<string, Promise<Collection<never>>>();
  const kinds = new Map<string, Kind<never>>();

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

  return {
    quarantined,
    collection<T extends Document>(kind: Kind<T>): Promise<Collection<T>> {
      checkKindName(kind.name);
      const opened = (collections.get(kind.name) as Promise<Collection<T>> | undefined) ?? open(kind);
      kinds.set(kind.name, kind as unknown as Kind<never>);
      collections.set(kind.name, opened as unknown as Promise<Collection<never>>);
      opened.catch(() => collections.delete(kind.name));
      return opened;
    },
    kinds: () => [...kinds.values()],
    async close() {
      await Promise.allSettled(collections.values());
      await Promise.all(files.map((file) => file.close()));
    },
  };
}
