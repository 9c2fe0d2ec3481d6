import { z } from 'zod';
import { documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

/** One thing that somebody did. Secrets in it were masked before it was written. */
export const trailEntry = z.object({
  id: documentId,
  at: instant,
  /** User or API key by name, or `agent`, `appliance`, `console`. */
  who: z.string(),
  /** Address of the client; empty for what came from inside. */
  from: z.string(),
  /** Id of the route, or a word of the same form: `hosts.edit`, `agent.paired`. */
  what: z.string(),
  /** `what` in words for people. */
  title: z.string(),
  /** Absent for what belongs to the whole appliance. */
  siteId: documentId.exactOptional(),
  detail: z.record(z.string(), z.unknown()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  /** Place in the chain; for owners only, because its holes would tell of other sites. */
  seq: z.number().int().exactOptional(),
});
export type TrailEntry = z.output<typeof trailEntry>;

const part = (title: string) => z.string().trim().max(120).optional().meta({ title });

export const trailQuery = z.object({
  ...pageQuery,
  /** `all` is every site and the appliance itself; owners only. */
  site: z.enum(['own', 'all']).default('own').meta({ title: 'Site' }),
  who: part('Name of the user or key, whole'),
  what: part('Id of the action, or the part before its dot'),
  text: part('Words anywhere in the entry'),
  from: z.coerce.number().pipe(instant).optional().meta({ title: 'Not before, epoch ms' }),
  to: z.coerce.number().pipe(instant).optional().meta({ title: 'Before, epoch ms' }),
  /** `csv` and `jsonl` answer with every entry that fits, as a file; cursor and limit are for JSON. */
  format: z.enum(['json', 'csv', 'jsonl']).default('json').meta({ title: 'Form' }),
});

export const JSONL_TYPE = 'application/x-ndjson';

/** Newest first. A page may be short, or empty, and still have a next one: a search looks at so many entries at a time. */
export const listTrail = route({
  id: 'trail.list',
  method: 'GET',
  path: '/api/v1/audit-trail',
  access: 'admin',
  site: 'none',
  summary: 'Lists who did what, newest first; or all of it as a file',
  query: trailQuery,
  answer: paged(trailEntry),
  media: ['text/csv', JSONL_TYPE],
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const trailVerdict = z.object({
  /** `unproven`: nothing is wrong, but a part was written with a key that is gone. */
  state: z.enum(['intact', 'unproven', 'broken']),
  checkedAt: instant,
  /** How many entries were looked at. */
  entries: z.number().int(),
  /** Of the newest entry: whoever keeps it elsewhere can tell later that nothing before it was changed. */
  seq: z.number().int(),
  hash: z.string(),
  /** What is wrong, the first twenty. */
  problems: z.array(z.object({ seq: z.number().int(), text: z.string() })),
});
export type TrailVerdict = z.output<typeof trailVerdict>;

export const verifyTrail = route({
  id: 'trail.verify',
  method: 'GET',
  path: '/api/v1/audit-trail/verify',
  access: 'owner',
  site: 'none',
  summary: 'Checks the whole chain of the audit trail',
  answer: trailVerdict,
  errors: ['not-signed-in', 'not-allowed'],
});

export const trailRoutes = [listTrail, verifyTrail] as const;
