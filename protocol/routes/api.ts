import { z } from 'zod';
import { hostStatus } from '../hosts.ts';
import { documentId, instant } from '../identity.ts';
import { PROBLEMS, type ProblemCode } from '../problem.ts';
import { route } from '../route.ts';

export const readOpenApi = route({
  id: 'api.document',
  method: 'GET',
  path: '/api/openapi.json',
  access: 'viewer',
  site: 'none',
  summary: 'Describes every route, as an OpenAPI 3.1 document',
  answer: z.record(z.string(), z.unknown()),
  errors: ['not-signed-in'],
});

/** The page holds nothing of the appliance; the document that it shows asks for a sign-in. */
export const readDocs = route({
  id: 'api.docs',
  method: 'GET',
  path: '/api/docs',
  access: 'public',
  beforeSetup: true,
  site: 'none',
  summary: 'Shows the API, to be read and tried out',
  answer: 'text/html',
  errors: [],
});

const codes = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

/** Where the `type` of a problem points to. */
export const readProblem = route({
  id: 'api.problem',
  method: 'GET',
  path: '/api/problems/:code',
  access: 'public',
  beforeSetup: true,
  site: 'none',
  summary: 'Says what a problem means',
  params: z.object({ code: z.enum(codes) }),
  answer: 'text/plain',
  errors: ['invalid-request'],
});

export const snapshotValue = z.object({
  metric: z.string(),
  attributes: z.record(z.string(), z.string()),
  value: z.number(),
  /** UCUM, where the metric is described. */
  unit: z.string().exactOptional(),
  at: instant,
  ageMs: z.number().int(),
});

export const snapshotHost = z.object({
  id: documentId,
  name: z.string(),
  status: hostStatus,
  statusReason: z.string(),
  statusAt: instant.exactOptional(),
  lastSeenAt: instant.exactOptional(),
  tags: z.array(z.string()),
  values: z.array(snapshotValue),
});
export type SnapshotHost = z.output<typeof snapshotHost>;

export const readSnapshot = route({
  id: 'api.snapshot',
  method: 'GET',
  path: '/api/v1/snapshot',
  access: 'viewer',
  site: 'none',
  summary: 'Answers with the whole fleet as it is now: every host with its newest values',
  answer: z.object({ at: instant, hosts: z.array(snapshotHost) }),
  errors: ['not-signed-in'],
});

/** Text form 0.0.4 of Prometheus. */
export const readMetrics = route({
  id: 'api.metrics',
  method: 'GET',
  path: '/metrics',
  access: 'viewer',
  site: 'none',
  summary: 'Answers with the newest values of the site’s hosts, and figures of the appliance, for Prometheus',
  answer: 'text/plain; version=0.0.4; charset=utf-8',
  errors: ['not-signed-in'],
});

export const apiRoutes = [readOpenApi, readDocs, readProblem, readSnapshot, readMetrics] as const;
