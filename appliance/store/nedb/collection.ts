import {
  type Collection,
  ConflictError,
  type Document,
  type Filter,
  type FindOptions,
  type Kind,
  MissingError,
} from '../documents.ts';
import type { Damage } from '../errors.ts';
import { withUnknown } from '../unknown-fields.ts';
import type { DurableFile, Search } from './durable.ts';
import { decodeDocument, encodeDocument } from './encoding.ts';
import { toField, toQuery } from './filter.ts';
import type { Stored } from './inside.ts';

/**
 * Documents of one kind in one file. Each is parsed by its schema when the file is loaded; one that does not fit stays in the
 * file, is told to `onDamage` and is not answered.
 */
export async function openCollection<T extends Document>(
  file: DurableFile,
  kind: Kind<T>,
  onDamage: (damage: Damage) => void,
): Promise<Collection<T>> {
  const unfit = new Set<string>();
  for (const stored of await file.find({})) {
    const parsed = kind.schema.safeParse(decodeDocument(stored));
    if (parsed.success) await file.overlay(encodeDocument(withUnknown(decodeDocument(stored), parsed.data) as T));
    else {
      unfit.add(stored._id);
      onDamage({ file: file.file, reason: `document ${stored._id}: ${parsed.error.issues[0]?.message ?? 'unknown'}` });
    }
  }

  const decode = (stored: Stored): T => decodeDocument(stored) as unknown as T;
  const checked = (document: Omit<T, 'rev'>, rev: number): Stored => {
    const whole = { ...document, rev };
    return encodeDocument(withUnknown(whole, kind.schema.parse(whole)) as T);
  };

  return {
    async get(id: string): Promise<T | undefined> {
      const stored = unfit.has(id) ? undefined : await file.get(id);
      return stored && decode(stored);
    },
    async find(filter: Filter<T> = {}, options: FindOptions<T> = {}): Promise<T[]> {
      const found = await file.find(toQuery(filter), searchOf(options, unfit.size));
      const fit = found.filter((stored) => !unfit.has(stored._id));
      return fit.slice(0, options.limit).map(decode);
    },
    async insert(document: Omit<T, 'rev'>): Promise<T> {
      const stored = checked(document, 1);
      const done = await file.exchange(stored._id, (now) => (now ? undefined : stored));
      if (!done) throw new ConflictError(`${kind.name} ${stored._id} exists already`);
      return decode(stored);
    },
    async update(document: Omit<T, 'rev'>, { ifRev }: { ifRev?: number } = {}): Promise<T> {
      const { id } = document as unknown as Document;
      const done = await file.exchange(id, (now) => {
        if (!now || unfit.has(id)) throw new MissingError(`${kind.name} ${id} is not there`);
        const { rev } = now as unknown as Document;
        if (ifRev !== undefined && ifRev !== rev) throw new ConflictError(`${kind.name} ${id} is at revision ${rev}`);
        return checked(document, rev + 1);
      });
      return decode(done as Stored);
    },
    async remove(id: string): Promise<boolean> {
      return !unfit.has(id) && (await file.remove([id])) > 0;
    },
  };
}

/** The id decides between equals, so that an order is the same on every store. */
function searchOf<T>({ sort, limit }: FindOptions<T>, unfit: number): Search {
  const search: Search = {};
  if (sort) {
    const field = toField(sort.by);
    const order = sort.order === 'up' ? 1 : -1;
    search.sort = field === '_id' ? { _id: order } : { [field]: order, _id: 1 };
  }
  if (limit !== undefined) search.limit = limit + unfit;
  return search;
}
