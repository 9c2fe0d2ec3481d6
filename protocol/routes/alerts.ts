import { z } from 'zod';
import { alert, alertComment, alertStatus, ruleId, severity } from '../alerts.ts';
import { documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const alertParams = z.object({ alertId: documentId });
const ofRecord = ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'] as const;
const moment = z.coerce.number().int().min(0).max(8.64e15).optional();

export const listAlerts = route({
  id: 'alerts.list',
  method: 'GET',
  path: '/api/v1/alerts',
  access: 'viewer',
  site: 'none',
  summary: 'Lists alerts of the site, the one that fired last first',
  query: z.object({
    ...pageQuery,
    /** `active` is open or acknowledged. */
    status: z.enum(['active', ...alertStatus.options]).optional(),
    severity: severity.optional(),
    hostId: documentId.optional(),
    ruleId: ruleId.optional(),
    incidentId: documentId.optional(),
    /** Kept quiet by maintenance, a silence, or what it depends on. */
    held: z.enum(['yes', 'no']).optional(),
    /** Fired at or after, and before: epoch ms. */
    from: moment,
    to: moment,
    /** Whether those of late values are among them. */
    late: z.enum(['yes', 'no', 'only']).default('yes'),
    /** In title, host or reason. */
    text: z.string().max(100).optional(),
  }),
  answer: paged(alert),
  errors: ['not-signed-in', 'not-found', 'invalid-request'],
});

/** Not alerts yet: nobody is told of them, and most never become one. */
export const listPending = route({
  id: 'alerts.pending',
  method: 'GET',
  path: '/api/v1/pending-alerts',
  access: 'viewer',
  site: 'none',
  summary: 'Lists conditions that are broken, but not for as long as their rule asks',
  answer: z.array(
    z.object({
      ruleId,
      ruleTitle: z.string(),
      severity,
      hostId: documentId.exactOptional(),
      hostName: z.string().exactOptional(),
      metric: z.string().exactOptional(),
      attributes: z.record(z.string(), z.string()).exactOptional(),
      sinceAt: instant,
      forMs: z.number(),
    }),
  ),
  errors: ['not-signed-in'],
});

export const readAlert = route({
  id: 'alerts.read',
  method: 'GET',
  path: '/api/v1/alerts/:alertId',
  access: 'viewer',
  site: 'record',
  summary: 'Reads one alert with everything that happened to it',
  params: alertParams,
  answer: alert,
  errors: ofRecord,
});

const comment = alertComment.optional().meta({ title: 'Comment' });

export const acknowledgeAlert = route({
  id: 'alerts.acknowledge',
  method: 'POST',
  path: '/api/v1/alerts/:alertId/acknowledge',
  access: 'operator',
  site: 'record',
  summary: 'Says that somebody looks after an alert',
  params: alertParams,
  body: z.object({ comment }),
  answer: alert,
  errors: [...ofRecord, 'conflict'],
});

/** It stays quiet until its condition has really been clear once, and may fire again after that. */
export const resolveAlert = route({
  id: 'alerts.resolve',
  method: 'POST',
  path: '/api/v1/alerts/:alertId/resolve',
  access: 'operator',
  site: 'record',
  summary: 'Ends an alert by hand',
  params: alertParams,
  body: z.object({ comment }),
  answer: alert,
  errors: [...ofRecord, 'conflict'],
});

export const commentAlert = route({
  id: 'alerts.comment',
  method: 'POST',
  path: '/api/v1/alerts/:alertId/comments',
  access: 'operator',
  site: 'record',
  summary: 'Writes something about an alert',
  params: alertParams,
  body: z.object({ comment: alertComment.meta({ title: 'Comment' }) }),
  answer: alert,
  errors: ofRecord,
});

export const snoozeAlert = route({
  id: 'alerts.snooze',
  method: 'POST',
  path: '/api/v1/alerts/:alertId/snooze',
  access: 'operator',
  site: 'record',
  summary: 'Keeps an alert quiet for a while; 0 minutes ends that',
  params: alertParams,
  body: z.object({
    minutes: z.number().int().min(0).max(43_200, '30 days is the most').meta({ title: 'For, minutes' }),
    comment,
  }),
  answer: alert,
  errors: [...ofRecord, 'conflict'],
});

/** Of a `trend` condition: when each series of the host reaches its limit, as far as its trend says. */
/** Moments and values, oldest first: enough for a small line. */
const trend = z.array(z.tuple([instant, z.number()]));

/** What may run full: every series that a rule about a forecast looks at. */
const forecast = z.object({
  metric: z.string(),
  attributes: z.record(z.string(), z.string()),
  limit: z.number(),
  outlook: z.enum(['reaches', 'reached', 'none']),
  /** The outlook in words; why nothing is foretold. */
  reason: z.string().exactOptional(),
  level: z.number().exactOptional(),
  perDay: z.number().exactOptional(),
  at: instant.exactOptional(),
  earliestAt: instant.exactOptional(),
  latestAt: instant.exactOptional(),
  trend,
});

/** The capacity view. A page has 25 hosts at most, because each costs a reading of so many days. */
export const siteForecasts = route({
  id: 'alerts.capacity',
  method: 'GET',
  path: '/api/v1/capacity',
  access: 'viewer',
  site: 'none',
  summary:
    'Says of every host of the site how full disks and memory are, how fast they grow, and when they will be full',
  query: z.object({
    ...pageQuery,
    /** How far back the trend is looked for. */
    days: z.coerce.number().int().min(1).max(90).default(30),
  }),
  answer: paged(z.object({ hostId: documentId, hostName: z.string(), forecasts: z.array(forecast) })),
  errors: ['not-signed-in', 'invalid-request', 'too-many-requests', 'too-long'],
});

export const hostForecasts = route({
  id: 'alerts.forecasts',
  method: 'GET',
  path: '/api/v1/hosts/:hostId/forecasts',
  access: 'viewer',
  site: 'record',
  summary: 'Says when disks and memory of a host will be full, with the uncertainty of it',
  params: z.object({ hostId: documentId }),
  answer: z.array(forecast),
  errors: [...ofRecord, 'too-many-requests', 'too-long'],
});

export const alertsRoutes = [
  listAlerts,
  listPending,
  readAlert,
  acknowledgeAlert,
  resolveAlert,
  commentAlert,
  snoozeAlert,
  hostForecasts,
  siteForecasts,
] as const;
