import type { AnyDocument } from '../move/any-document.ts';
import type { Query } from './database.ts';
import { lookupText } from './lookup.ts';

/** Few are read at once, because they are parsed in one go while an appliance may be at work. */
const READ_AT_ONCE = 50;
const WRITE_AT_ONCE = 200;

type Found = { kind: string; id: string; rev: number; body: string };

/** Every document of the wanted kinds, kind after kind, some hundred at a time. */
export async function* readRows(query: Query, isWanted: (kind: string) => boolean): AsyncIterable<AnyDocument> {
  const kinds = await query<{ kind: string }>('select distinct kind from reeve.documents order by kind');
  for (const { kind } of kinds.filter((each) => isWanted(each.kind))) {
    for (let last = ''; ; ) {
      // Compared as one, or the server goes through all of a table that it has not counted yet for each page.
      const page = await query<Found>(
        'select kind, id, rev, body from reeve.documents where (kind, id) > ($1, $2) order by kind, id limit $3',
        [kind, last, READ_AT_ONCE],
      );
      for (const found of page.filter((each) => each.kind === kind)) {
        const body = JSON.parse(found.body) as Record<string, unknown>;
        yield { kind, id: String(body.id), rev: found.rev, body };
      }
      const end = page.at(-1);
      if (end?.kind !== kind || page.length < READ_AT_ONCE) break;
      last = end.id;
    }
  }
}

/** Adds documents of any kind, as they are. */
export async function writeRows(query: Query, documents: AsyncIterable<AnyDocument>): Promise<void> {
  let waiting: AnyDocument[] = [];
  const flush = async (): Promise<void> => {
    await query(
      `insert into reeve.documents (kind, id, rev, body)
      select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[])`,
      [
        waiting.map(({ kind }) => kind),
        waiting.map(({ id }) => lookupText(id)),
        waiting.map(({ rev }) => rev),
        waiting.map(({ id, body }) => JSON.stringify({ id, ...body })),
      ],
    );
    waiting = [];
  };
  for await (const document of documents) if (waiting.push(document) >= WRITE_AT_ONCE) await flush();
  if (waiting.length > 0) await flush();
}
