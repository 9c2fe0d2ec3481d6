import { z } from 'zod';
import type { Document, Kind } from '../../store/documents.ts';

const stored = { id: z.string(), siteId: z.string(), rev: z.number().int() };

/** Site of entries that belong to the whole appliance. */
export const WHOLE_APPLIANCE = 'appliance';

/** What a hash covers: everything of an entry but the hash itself. */
export interface Sealed {
  id: string;
  siteId: string;
  seq: number;
  at: number;
  who: string;
  from: string;
  what: string;
  detail: Record<string, unknown>;
  before?: unknown;
  after?: unknown;
  /** Hash of the entry before; of the first one, that of the anchor, or empty. */
  prev: string;
}

/** One link of the chain; never changed after it was written. */
export interface Entry extends Document, Sealed {
  siteId: string;
  id: string;
  hash: string;
}

export const entries: Kind<Entry> = {
  name: 'audit-trail',
  schema: z.looseObject({
    ...stored,
    seq: z.number().int(),
    at: z.number(),
    who: z.string(),
    from: z.string(),
    what: z.string(),
    detail: z.record(z.string(), z.unknown()),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    prev: z.string(),
    hash: z.string(),
  }),
  indexes: ['seq'],
};

/** A place of the chain that is kept apart from it: where it ends (`head`), or where it was cut by pruning (`anchor`). */
export interface Mark extends Document {
  seq: number;
  /** Of the entry with that number. */
  hash: string;
  at: number;
  /** Over all of it: nobody without the key can move it. */
  mac: string;
}

const markSchema = z.looseObject({
  ...stored,
  seq: z.number().int(),
  hash: z.string(),
  at: z.number(),
  mac: z.string(),
});
export const heads: Kind<Mark> = { name: 'trail-head', schema: markSchema, indexes: [] };
export const anchors: Kind<Mark> = { name: 'trail-anchor', schema: markSchema, indexes: [] };

/**
 * The key of the chain, sealed with the master key: it outlives a change of the master key, and is gone where a backup was restored
 * that held no secrets. Then a new one begins behind `sinceSeq`.
 */
export interface TrailKey extends Document {
  sealed: string;
  sinceSeq: number;
}
export const trailKeys: Kind<TrailKey> = {
  name: 'trail-keys',
  schema: z.looseObject({ ...stored, sealed: z.string(), sinceSeq: z.number().int() }),
  indexes: [],
};
/** Purpose under which the key is sealed. */
export const TRAIL_KEY_PURPOSE = 'trail-key';
