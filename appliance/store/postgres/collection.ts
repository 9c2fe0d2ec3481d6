import {
  type Collection,
  ConflictError,
  type Document,
  type Filter,
  type FindOptions,
  type Kind,
  MissingError,
} from '../documents.ts';
import { checkId, jsonCopy } from '../json-only.ts';
import { withUnknown } from '../unknown-fields.ts';
import type { Database } from './database.ts';
import { fieldsOf, lookupText } from './lookup.ts';
import { searchOf } from './where.ts';

/** A document as it is stored; `body` is all of it but `rev`. */
export interface StoredRow extends Record<string, unknown> {
  rev: number;
  body: string;
}

/** What is told of a document that does not fit its schema. */
export type OnUnfit = (id: string, reason: string) => void;

const SLICE = 100;

/** Documents of one kind. What `fields` is made of must be up to date (`renewFields`). */
export function collectionOf<T extends Document>(
  { read, write }: Pick<Database, 'read' | 'write'>,
  kind: Kind<T>,
  onUnfit: OnUnfit,
): Collection<T> {
  // A kind's name is letters, digits and hyphens; as a literal it meets the indexes that hold one kind only.
  const mine = `kind = '${kind.name}'`;
  const known = (row: StoredRow): T | undefined => {
    const { document, problem } = readRow(kind, row);
    if (!document) onUnfit(String(rawOf(row).id), problem);
    return document;
  };
  const prepared = (document: Omit<T, 'rev'>): { id: string; whole: T; values: unknown[] } => {
    const { rev: _, ...whole } = fitted(kind, { ...document, rev: 1 }) as Document;
    checkId(whole.id);
    const id = lookupText(whole.id);
    return { id, whole: whole as T, values: [id, JSON.stringify(whole), fieldsOf(whole)] };
  };

  return {
    async get(id: string): Promise<T | undefined> {
      const text = `select rev, body from reeve.documents where ${mine} and id = $1 and fields is not null`;
      const [row] = await read<StoredRow>(text, [lookupText(id)]);
      return row && known(row);
    },
    async find(filter: Filter<T> = {}, { sort, limit }: FindOptions<T> = {}): Promise<T[]> {
      const { where, order, values } = searchOf(filter, sort);
      const most = limit === undefined ? '' : ` limit $${values.push(limit)}`;
      const text = `select rev, body from reeve.documents where ${mine} and ${where} order by ${order}${most}`;
      return await inSlices(await read<StoredRow>(text, values), known);
    },
    async insert(document: Omit<T, 'rev'>): Promise<T> {
      const { whole, values } = prepared(document);
      const text = `insert into reeve.documents (kind, id, rev, body, fields) values ('${kind.name}', $1, 1, $2, $3)
        on conflict do nothing returning rev`;
      const [done] = await write<{ rev: number }>(text, values);
      if (!done) throw new ConflictError(`${kind.name} ${whole.id} exists already`);
      return { ...whole, rev: done.rev };
    },
    async update(document: Omit<T, 'rev'>, { ifRev }: { ifRev?: number } = {}): Promise<T> {
      const { id, whole, values } = prepared(document);
      const text = `update reeve.documents set rev = rev + 1, body = $2, fields = $3
        where ${mine} and id = $1 and fields is not null and ($4::bigint is null or rev = $4) returning rev`;
      const [done] = await write<{ rev: number }>(text, [...values, ifRev ?? null]);
      if (done) return { ...whole, rev: done.rev };
      const there = `select rev from reeve.documents where ${mine} and id = $1 and fields is not null`;
      const [now] = await write<{ rev: number }>(there, [id]);
      if (!now) throw new MissingError(`${kind.name} ${whole.id} is not there`);
      throw new ConflictError(`${kind.name} ${whole.id} is at revision ${now.rev}`);
    },
    async remove(id: string): Promise<boolean> {
      const text = `delete from reeve.documents where ${mine} and id = $1 and fields is not null returning rev`;
      return (await write(text, [lookupText(id)])).length > 0;
    },
  };
}

/** The document of a row by its schema, or what is wrong with it. */
export function readRow<T extends Document>(kind: Kind<T>, row: StoredRow): { document?: T; problem: string } {
  const raw = rawOf(row);
  const parsed = kind.schema.safeParse(raw);
  if (!parsed.success) return { problem: parsed.error.issues[0]?.message ?? 'unknown' };
  return { document: withUnknown(raw, parsed.data) as T, problem: '' };
}

/** The document of a row as it was written. */
export const rawOf = ({ rev, body }: StoredRow): Record<string, unknown> => ({ ...JSON.parse(body), rev });

const fitted = <T extends Document>(kind: Kind<T>, whole: object): unknown =>
  jsonCopy(withUnknown(whole, kind.schema.parse(whole)));

/** Thousands of documents must not hold up everything else. */
async function inSlices<R, T>(rows: readonly R[], make: (row: R) => T | undefined): Promise<T[]> {
  const made: T[] = [];
  for (const [n, row] of rows.entries()) {
    if (n > 0 && n % SLICE === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    const one = make(row);
    if (one !== undefined) made.push(one);
  }
  return made;
}
