import { createHash } from 'node:crypto';
import type { Collection, Document, DocumentStore, Kind } from '../documents.ts';
import type { Damage } from '../errors.ts';
import { checkedField } from '../filters.ts';
import { OpenedKinds } from '../opened-kinds.ts';
import type { StoreLog } from '../store-log.ts';
import { collectionOf, type OnUnfit } from './collection.ts';
import type { Database } from './database.ts';
import { renewFields } from './renew-fields.ts';

export interface PostgresDocumentsOptions {
  database: Database;
  log: StoreLog;
}

/** Documents in PostgreSQL. `close` leaves the database open. */
export function openPostgresDocuments({ database, log }: PostgresDocumentsOptions): DocumentStore {
  const quarantined: Damage[] = [];
  const named = new Set<string>();

  const open = async <T extends Document>(kind: Kind<T>): Promise<Collection<T>> => {
    const onUnfit: OnUnfit = (id, reason) => {
      if (named.has(`${kind.name} ${id}`)) return;
      named.add(`${kind.name} ${id}`);
      const damage = { file: `${kind.name} in ${database.place}`, reason: `document ${id}: ${reason}` };
      quarantined.push(damage);
      log.error(damage, 'A document does not fit its schema and is left out');
    };
    await renewFields(database, kind, onUnfit);
    for (const field of kind.indexes) if (field !== 'id') await database.write(indexOf(kind.name, field));
    return collectionOf(database, kind, onUnfit);
  };
  const kinds = new OpenedKinds(open);

  return {
    quarantined,
    collection: (kind) => kinds.collection(kind),
    kinds: () => kinds.all(),
    async close() {
      await kinds.settled();
    },
  };
}

/** Names of indexes have 63 letters at most, and kinds and fields may be longer together. */
function indexOf(kind: string, field: string): string {
  const name = `documents_${createHash('sha256').update(`${kind}.${field}`).digest('hex').slice(0, 12)}_${kind.slice(0, 20)}`;
  return `create index if not exists "${name}" on reeve.documents ((fields->'${checkedField(field)}')) where kind = '${kind}'`;
}
