import { z } from 'zod';
import { instant } from '../identity.ts';
import { route } from '../route.ts';

const answer = z.object({ at: instant, trust: z.enum(['trusted', 'untrusted']), reason: z.string() });

export const readClock = route({
  id: 'system.readClock',
  method: 'GET',
  path: '/api/v1/system/clock',
  access: 'viewer',
  site: 'none',
  summary: 'Says what time the appliance has and whether it is to be believed',
  answer,
  errors: ['not-signed-in'],
});

/** For a machine that nobody tells the time, or whose last time was wrong. Times of agents are corrected by it from then on. */
export const confirmClock = route({
  id: 'system.confirmClock',
  method: 'POST',
  path: '/api/v1/system/clock/confirm',
  access: 'admin',
  site: 'none',
  summary: "Says that the clock of the appliance's machine is right",
  answer,
  errors: ['not-signed-in', 'not-allowed', 'storage-unavailable'],
});

const partState = z.enum(['ok', 'degraded', 'failed']);

/** How the appliance itself fares. Figures of a minute are of the last whole one. */
export const systemAnswer = z.object({
  version: z.string(),
  startedAt: instant,
  at: instant,
  node: z.string(),
  machine: z.string(),
  memoryBytes: z.number(),
  /** Where documents and history are kept: a folder, or `PostgreSQL reeve on db.example:5432`. */
  store: z.object({ place: z.string() }),
  disk: z.object({ freeBytes: z.number() }),
  parts: z.array(z.object({ name: z.string(), status: partState, detail: z.string() })),
  /** Delay of the event loop over the last minute. */
  eventLoop: z.object({ meanMs: z.number(), p99Ms: z.number(), mostMs: z.number() }),
  ingest: z.object({
    framesPerSecond: z.number(),
    valuesPerSecond: z.number(),
    lateFrames: z.number().int(),
    /** Frames that agents told as lost, since the start. */
    lostFrames: z.number().int(),
    agents: z.number().int(),
    dashboards: z.number().int(),
  }),
  queues: z.array(z.object({ id: z.string(), title: z.string(), length: z.number().int() })),
  history: z.object({ bytes: z.number(), budgetBytes: z.number(), partitions: z.number().int() }),
  /** The newest run of the job `backup` that ended. */
  backup: z.object({ at: instant, state: z.string(), text: z.string() }).nullable(),
  /** Figures against what they are to be; absent as long as nothing was measured. */
  targets: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      about: z.string(),
      value: z.number(),
      target: z.number().exactOptional(),
      sinceAt: instant,
    }),
  ),
});

export const readSystem = route({
  id: 'system.read',
  method: 'GET',
  path: '/api/v1/system',
  access: 'owner',
  site: 'none',
  summary: 'Says how the appliance itself fares',
  answer: systemAnswer,
  errors: ['not-signed-in', 'not-allowed'],
});

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

const logLine = z.object({
  n: z.number().int(),
  at: z.string(),
  level: z.string(),
  component: z.string(),
  text: z.string(),
  /** The line as it was written. */
  line: z.string(),
});

/** The last lines are kept in memory; `next` goes on from the newest, for who follows it. */
export const readLog = route({
  id: 'system.log',
  method: 'GET',
  path: '/api/v1/system/log',
  access: 'owner',
  site: 'none',
  summary: 'Answers with the last lines of the log, oldest first',
  query: z.object({
    after: z.coerce.number().int().min(0).default(0).meta({ title: 'Number of the last line that is known' }),
    level: z.enum(LOG_LEVELS).default('trace').meta({ title: 'Least level' }),
    component: z.string().max(40).optional().meta({ title: 'Component' }),
    text: z.string().max(200).optional().meta({ title: 'Text that a line has' }),
    limit: z.coerce.number().int().min(1).max(5_000).default(500).meta({ title: 'Most lines in the answer' }),
  }),
  answer: z.object({ items: z.array(logLine), next: z.number().int(), components: z.array(z.string()) }),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

/** What a device has to trust so that its browser believes the appliance's certificates; nothing secret. */
export const caCertificate = route({
  id: 'system.caCertificate',
  method: 'GET',
  path: '/ca.crt',
  access: 'public',
  beforeSetup: true,
  site: 'none',
  summary: 'Answers with the certificate of the appliance’s own authority',
  answer: 'application/x-x509-ca-cert',
  errors: [],
});

export const systemRoutes = [readClock, confirmClock, readSystem, readLog, caCertificate] as const;
