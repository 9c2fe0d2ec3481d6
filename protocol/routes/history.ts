import { z } from 'zod';
import { documentId } from '../identity.ts';
import { descriptor } from '../metrics.ts';
import { route } from '../route.ts';

export const RESOLUTIONS = ['raw', '1m', '5m', '1h'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** How the values of several hosts become one. */
export const AGGREGATES = ['avg', 'sum', 'min', 'max', 'p95'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** What there is of each step of a series. */
export const STEP_VALUES = ['average', 'min', 'max', 'count'] as const;
export type StepValue = (typeof STEP_VALUES)[number];

/** Columns of a series in an answer; `value` and `hosts` are those of an aggregate. */
export const COLUMNS = [...STEP_VALUES, 'value', 'hosts'] as const;
export type Column = (typeof COLUMNS)[number];

/** The answer of history in numbers that a program reads without parsing text; `docs/history-api.md` says how. */
export const HISTORY_MEDIA_TYPE = 'application/vnd.reeve.history';

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d))?$/;

/** Epoch ms or ISO 8601; a time of day names its zone, a day alone begins at midnight UTC. */
const moment = z.union([z.string().max(40), z.number()]).transform((given, context) => {
  const at = /^-?\d{1,16}$/.test(String(given))
    ? Number(given)
    : ISO.test(String(given))
      ? Date.parse(String(given))
      : Number.NaN;
  if (Number.isSafeInteger(at) && Math.abs(at) <= 8.64e15) return at;
  context.addIssue({
    code: 'custom',
    message: 'write epoch milliseconds or ISO 8601 with its zone, as 2025-11-21T12:00:00Z',
  });
  return z.NEVER;
});

/** Words separated by commas, each of `known`; in the order of `known`, each once. */
const wordsOf = <const W extends readonly string[]>(known: W) =>
  z
    .string()
    .max(200)
    .transform((text, context): W[number][] => {
      const words = text.split(',').map((word) => word.trim());
      const unknown = words.find((word) => !known.includes(word));
      if (unknown === undefined) return known.filter((word) => words.includes(word));
      context.addIssue({ code: 'custom', message: `“${unknown.slice(0, 40)}” is none of ${known.join(', ')}` });
      return z.NEVER;
    });

export const historyQuery = z.object({
  /** Ids of hosts, comma-separated. Absent: every host of the site. */
  hosts: z.string().max(12_000, 'name fewer hosts; without this field all of the site are read').optional(),
  from: moment,
  to: moment,
  /** Selectors, comma-separated: `docs/history-api.md`. Absent: every series. */
  metrics: z.string().max(4_000, 'write at most 4,000 characters: a wildcard takes the place of many names').optional(),
  resolution: z.enum(['auto', ...RESOLUTIONS]).default('auto'),
  aggregate: z.enum(AGGREGATES).optional(),
  /** Absent: `average,min,max`. */
  values: wordsOf(STEP_VALUES).optional(),
  /** What a chart has room for. */
  maxPoints: z.coerce.number().int().min(2).max(5_000).default(600),
  /** Absent: by `Accept`, JSON when that says nothing. */
  format: z.enum(['json', 'csv', 'binary']).optional(),
});

const stretch = z.object({ from: z.number(), to: z.number() });

export const historyHost = z.object({
  id: documentId,
  name: z.string(),
  resolution: z.enum(RESOLUTIONS),
  /** How far apart the host's frames are. */
  intervalMs: z.number(),
  /** Stretches that have no data, with the reason where one is known. */
  gaps: z.array(stretch.extend({ reason: z.string() })),
  /** Stretches that came later than they were measured: the agent had no connection. */
  late: z.array(stretch),
});
export type HistoryHost = z.infer<typeof historyHost>;

/** Whose values a series is. */
export const seriesHead = z.object({
  /** Absent where the values of several hosts became one. */
  hostId: documentId.exactOptional(),
  /** Of the host's series, as live frames name it. */
  id: z.number().int().exactOptional(),
  metric: z.string(),
  attributes: z.record(z.string(), z.string()),
  /** UCUM, where the metric is described. */
  unit: z.string().exactOptional(),
});
export type SeriesHead = z.infer<typeof seriesHead>;

/** Everything of an answer but its numbers. Step i begins at `first + i × stepMs`. */
export const historyHead = z.object({
  from: z.number(),
  to: z.number(),
  first: z.number(),
  stepMs: z.number(),
  steps: z.number().int(),
  /** The coarsest that was read for any host. */
  resolution: z.enum(RESOLUTIONS),
  aggregate: z.enum(AGGREGATES).exactOptional(),
  columns: z.array(z.enum(COLUMNS)),
  hosts: z.array(historyHost),
  /** Selectors that no series of these hosts fits. */
  unmatched: z.array(z.string()),
});
export type HistoryHead = z.infer<typeof historyHead>;

const numbers = z.array(z.number().nullable()).exactOptional();

/** A series with a list for each of the answer's columns, as long as `steps`; null is a gap. */
export const historySeries = seriesHead.extend({
  average: numbers,
  min: numbers,
  max: numbers,
  count: numbers,
  value: numbers,
  hosts: numbers,
});

export const historyAnswer = historyHead.extend({ series: z.array(historySeries) });
export type HistoryAnswer = z.infer<typeof historyAnswer>;

export const readHistory = route({
  id: 'history.read',
  method: 'GET',
  path: '/api/v1/history',
  access: 'viewer',
  site: 'record',
  summary: 'Reads the history of hosts, each by itself or all as one, in as many steps as a chart has room for',
  query: historyQuery,
  answer: historyAnswer,
  media: ['text/csv', HISTORY_MEDIA_TYPE],
  errors: ['not-signed-in', 'not-found', 'invalid-request', 'too-many-requests', 'too-long'],
});

export const listDescriptors = route({
  id: 'metrics.descriptors',
  method: 'GET',
  path: '/api/v1/metrics/descriptors',
  access: 'viewer',
  site: 'none',
  summary: 'Lists what every metric is (ETag)',
  answer: z.array(descriptor),
  errors: ['not-signed-in'],
});

export const historyRoutes = [readHistory, listDescriptors] as const;
