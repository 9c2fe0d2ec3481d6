import {
  type Collection,
  ConflictError,
  type Document,
  type DocumentStore,
  type Filter,
  type Kind,
  MissingError,
} from '../../appliance/store/documents.ts';

/** What a store in memory holds, so that another one can go on with it as after a restart. */
export type Held = Map<string, Map<string, Document>>;

/** Documents in memory with the contract's meaning, for tests that make thousands of stores. Everything is copied on its way in and out. */
export function memoryDocuments(held: Held = new Map()): DocumentStore {
  return {
    quarantined: [],
    kinds: () => [],
    close: async () => undefined,
    collection: async <T extends Document>(kind: Kind<T>) => {
      const mine = held.get(kind.name) ?? new Map<string, Document>();
      held.set(kind.name, mine);
      return collectionOf<T>(mine as Map<string, T>);
    },
  };
}

function collectionOf<T extends Document>(mine: Map<string, T>): Collection<T> {
  const copy = (document: T): T => structuredClone(document);
  return {
    get: async (id) => {
      const found = mine.get(id);
      return found && copy(found);
    },
    find: async (filter = {}, { sort, limit } = {}) => {
      const found = [...mine.values()].filter((document) => fits(document, filter));
      if (sort) found.sort((a, b) => (a[sort.by] < b[sort.by] === (sort.order === 'up') ? -1 : 1));
      return found.slice(0, limit).map(copy);
    },
    insert: async (document) => {
      if (mine.has(document.id)) throw new ConflictError('it is there');
      const stored = { ...document, rev: 1 } as T;
      mine.set(document.id, copy(stored));
      return stored;
    },
    update: async (document, { ifRev } = {}) => {
      const before = mine.get(document.id);
      if (!before) throw new MissingError('it is gone');
      if (ifRev !== undefined && before.rev !== ifRev) throw new ConflictError('it was changed');
      const stored = { ...document, rev: before.rev + 1 } as T;
      mine.set(document.id, copy(stored));
      return stored;
    },
    remove: async (id) => mine.delete(id),
  };
}

function fits<T extends Document>(document: T, filter: Filter<T>): boolean {
  return Object.entries(filter).every(([name, wanted]) => {
    const value = document[name as keyof T];
    if (typeof wanted !== 'object' || wanted === null) return value === wanted;
    if ('in' in wanted) return (wanted.in as unknown[]).includes(value);
    const { gte, lt } = wanted as { gte?: number; lt?: number };
    return (gte === undefined || Number(value) >= gte) && (lt === undefined || Number(value) < lt);
  });
}
