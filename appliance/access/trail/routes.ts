import type { z } from 'zod';
import { listTrail, type TrailEntry, type trailQuery, verifyTrail } from '../../../protocol/routes/trail.ts';
import { Problem } from '../../problem.ts';
import { type Routes, Streamed } from '../../serve.ts';
import { mayDo, type Session } from '../../session.ts';
import { canonical } from './chain.ts';
import { type Entry, WHOLE_APPLIANCE } from './documents.ts';
import { FILES } from './files.ts';
import type { Trail } from './trail.ts';

export interface TrailRouteParts {
  trail: Trail;
  /** A kind of entry in words for people. */
  words: (what: string) => string;
}

type Query = z.output<typeof trailQuery>;
/** A search looks at so many entries before it answers with what it has: about 0.2 s on a slow machine. */
const MOST_LOOKED_AT = 5_000;

/** The audit trail for people: a site's admin sees what was done there, an owner everything. */
export function serveTrail(routes: Routes, { trail, words }: TrailRouteParts): void {
  routes.serve(listTrail, async ({ session, query, setHeader, signal }) => {
    const fits = fitting(session, query, words);
    const show = (entry: Entry): TrailEntry => shown(entry, words, mayDo(session, 'owner'));
    if (query.format === 'json') return page(trail, query, { fits, show });
    const { type, name, begin, line } = FILES[query.format];
    setHeader('content-disposition', `attachment; filename="${name}"`);
    const pieces = (async function* () {
      yield begin;
      for await (const some of trail.backwards())
        yield some
          .filter(fits)
          .map((entry) => line(show(entry)))
          .join('');
    })();
    return new Streamed({ type, pieces, signal });
  });
  routes.serve(verifyTrail, () => trail.verify());
}

async function page(
  trail: Trail,
  { cursor, limit }: Query,
  { fits, show }: { fits: (entry: Entry) => boolean; show: (entry: Entry) => TrailEntry },
): Promise<{ items: TrailEntry[]; next?: string }> {
  const before = cursor === undefined ? undefined : await trail.seqOf(cursor);
  if (cursor !== undefined && before === undefined) return { items: [] }; // It was pruned, and all before it.
  const items: TrailEntry[] = [];
  let lookedAt = 0;
  for await (const some of trail.backwards(before)) {
    for (const entry of some) {
      if (fits(entry)) items.push(show(entry));
      if (items.length === limit || ++lookedAt === MOST_LOOKED_AT) return { items, next: entry.id };
    }
  }
  return { items };
}

/** Says which entries the session asked for and may see. */
function fitting(session: Session, query: Query, words: (what: string) => string): (entry: Entry) => boolean {
  if (query.site === 'all' && !mayDo(session, 'owner'))
    throw new Problem('not-allowed', 'Only owners see what belongs to no site, or to another one');
  const text = query.text?.toLowerCase();
  return (entry) =>
    (query.site === 'all' || entry.siteId === session.siteId) &&
    (query.from === undefined || entry.at >= query.from) &&
    (query.to === undefined || entry.at < query.to) &&
    (!query.who || entry.who.toLowerCase() === query.who.toLowerCase()) &&
    (!query.what || entry.what === query.what || entry.what.startsWith(`${query.what}.`)) &&
    (!text || haystack(entry, words).includes(text));
}

const haystack = ({ who, from, what, detail, before, after }: Entry, words: (what: string) => string): string =>
  [who, from, what, words(what), canonical([detail, before, after])].join('\n').toLowerCase();

function shown(entry: Entry, words: (what: string) => string, isOwner: boolean): TrailEntry {
  const { id, at, who, from, what, siteId, detail, before, after, seq } = entry;
  return {
    ...{ id, at, who, from, what, title: words(what), detail },
    ...(siteId !== WHOLE_APPLIANCE && { siteId }),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(isOwner && { seq }),
  };
}
