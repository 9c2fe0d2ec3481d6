import { z } from 'zod';
import { documentId } from '../identity.ts';
import { descriptor } from '../metrics.ts';
import { route } from '../route.ts';

/** Times are epoch ms; `maxPoints` is what the chart has room for. */
export const historyQuery = z.object({
  from: z.coerce.number().int(),
  to: z.coerce.number().int(),
  /** Metric ids or series keys, comma-separated; a metric id stands for all its series. Absent: all. */
  metrics: z.string().max(4_000).optional(),
  maxPoints: z.coerce.number().int().min(10).max(5_000).default(600),
});

/** One series in steps. Arrays are parallel; null is a gap. `at[i]` is the beginning of step i. */
export const historySeries = z.object({
  id: z.number().int(),
  metric: z.string(),
  attributes: z.record(z.string(), z.string()),
  average: z.array(z.number().nullable()),
  min: z.array(z.number().nullable()),
  max: z.array(z.number().nullable()),
});

export const historyAnswer = z.object({
  hostId: documentId,
  from: z.number(),
  to: z.number(),
  stepMs: z.number(),
  resolution: z.enum(['raw', '1m', '5m', '1h']),
  /** How far apart the host's frames are: two points further apart than 2.5 × this are not joined. */
  intervalMs: z.number(),
  at: z.array(z.number()),
  series: z.array(historySeries),
  /** Stretches that have no data, with the reason where one is known. */
  gaps: z.array(z.object({ from: z.number(), to: z.number(), reason: z.string() })),
});
export type HistoryAnswer = z.infer<typeof historyAnswer>;

export const readHistory = route({
  id: 'history.read',
  method: 'GET',
  path: '/api/v1/hosts/:hostId/history',
  access: 'viewer',
  site: 'record',
  summary: 'Reads a host’s history in as many steps as a chart has room for',
  params: z.object({ hostId: documentId }),
  query: historyQuery,
  answer: historyAnswer,
  errors: ['not-signed-in', 'not-found', 'invalid-request'],
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
