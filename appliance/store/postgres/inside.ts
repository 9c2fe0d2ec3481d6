import type { Database, Query } from './database.ts';

/** The database as one transaction sees it: what is opened on this reads and writes inside that transaction. */
export const inside = (database: Database, query: Query): Database => ({
  ...{ id: database.id, place: database.place, read: query, write: query },
  transaction: (work) => work(query),
  moment: (work) => work(query),
  trouble: () => database.trouble(),
  close: async () => undefined,
});
