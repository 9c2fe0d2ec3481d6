import type { z } from 'zod';

/** What every stored document has. `rev` starts at 1 and grows by one with each write. */
export interface Document {
  id: string;
  siteId: string;
  rev: number;
}

/** A kind of document: its file, its schema (applied on load; unknown fields are kept), and the fields that are looked up. */
export interface Kind<T extends Document> {
  /** Also the file's name. */
  readonly name: string;
  readonly schema: z.ZodType<T>;
  readonly indexes: readonly (keyof T & string)[];
}

type Condition<V> = V | { in: readonly V[] } | { gte?: V; lt?: V };

/**
 * The small portable set of filters: equal, one of, range; on fields that hold a single value. A value is equal to its like only, and
 * a range holds numbers or texts, whichever it names. Values from outside are never spread into a filter.
 */
export type Filter<T> = { [K in keyof T]?: Condition<NonNullable<T[K]>> };

export interface FindOptions<T> {
  /** Up is: missing, null, numbers, texts by their characters, false, true; the smaller id comes first of equals. */
  sort?: { by: keyof T & string; order: 'up' | 'down' };
  limit?: number;
}

/** Documents of one kind. A write resolves when it is durable; what was read is a copy and may be changed. */
export interface Collection<T extends Document> {
  get(id: string): Promise<T | undefined>;
  find(filter?: Filter<T>, options?: FindOptions<T>): Promise<T[]>;
  /** Fails with `ConflictError` when the id exists. */
  insert(document: Omit<T, 'rev'>): Promise<T>;
  /** Replaces; `ifRev` guards against a change meanwhile (`ConflictError`); fails with `MissingError` when it is gone. */
  update(document: Omit<T, 'rev'>, options?: { ifRev?: number }): Promise<T>;
  /** Says whether there was anything to remove. */
  remove(id: string): Promise<boolean>;
}

/** Where documents live. NeDB files by default, or PostgreSQL: the same contract, with the same test suite. */
export interface DocumentStore {
  collection<T extends Document>(kind: Kind<T>): Promise<Collection<T>>;
  /** Parts that were set aside because they were damaged, and files whose documents are lost, for the health page. */
  readonly quarantined: readonly { file: string; reason: string }[];
  /** Every kind that was opened so far. */
  kinds(): readonly Kind<never>[];
  close(): Promise<void>;
}

export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

export class MissingError extends Error {
  override readonly name = 'MissingError';
}
