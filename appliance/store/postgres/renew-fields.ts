import { isDeepStrictEqual } from 'node:util';
import type { Document, Kind } from '../documents.ts';
import { type OnUnfit, rawOf, readRow, type StoredRow } from './collection.ts';
import type { Database } from './database.ts';
import { fieldsOf } from './lookup.ts';

const AT_ONCE = 200;

interface Found extends StoredRow {
  id: string;
  fields: Record<string, unknown> | null;
}

/**
 * Goes through the documents of a kind and makes anew what is looked up of them, where the schema of today sees something else than
 * the one that wrote: a new field has its default, a document that does not fit is no longer found, and told to `onUnfit`. The
 * documents themselves stay as they are.
 */
export async function renewFields<T extends Document>(
  { read, write }: Pick<Database, 'read' | 'write'>,
  kind: Kind<T>,
  onUnfit: OnUnfit,
): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await nextRows(read, kind.name, after);
    const changed = rows.flatMap((row) => {
      const { document, problem } = readRow(kind, row);
      if (!document) onUnfit(String(rawOf(row).id), problem);
      const fields = document ? fieldsOf(document) : null;
      return isDeepStrictEqual(fields && JSON.parse(fields), row.fields) ? [] : [{ id: row.id, fields }];
    });
    if (changed.length > 0)
      await write(RENEW, [kind.name, changed.map(({ id }) => id), changed.map(({ fields }) => fields)]);
    const last = rows.at(-1);
    if (!last || rows.length < AT_ONCE) return;
    after = last.id;
  }
}

/**
 * Both columns are compared as one, and the end is found by us: asked for one kind, the server takes a new table for nearly empty, and
 * goes through all of it for each page.
 */
async function nextRows(read: Database['read'], kind: string, after: string): Promise<Found[]> {
  const rows = await read<Found & { kind: string }>(
    `select kind, id, rev, body, fields from reeve.documents where (kind, id) > ($1, $2) order by kind, id limit ${AT_ONCE}`,
    [kind, after],
  );
  return rows.filter((row) => row.kind === kind);
}

const RENEW = `update reeve.documents d set fields = n.fields
  from unnest($2::text[], $3::jsonb[]) n(id, fields) where d.kind = $1 and d.id = n.id`;
