import { z } from 'zod';
import { route } from '../route.ts';

const partState = z.enum(['ok', 'degraded', 'failed']);

export const health = route({
  id: 'health.live',
  method: 'GET',
  path: '/health',
  access: 'public',
  beforeSetup: true,
  site: 'none',
  summary: 'Says that the process is alive',
  answer: z.object({ status: z.literal('ok'), version: z.string(), uptimeSeconds: z.number() }),
  errors: [],
});

/** 503 only when a part without which nothing works has failed; a far end that is away only degrades. */
export const ready = route({
  id: 'health.ready',
  method: 'GET',
  path: '/health/ready',
  access: 'public',
  beforeSetup: true,
  site: 'none',
  summary: 'Says whether each part works',
  answer: z.object({
    status: partState,
    parts: z.array(z.object({ name: z.string(), status: partState, detail: z.string() })),
  }),
  errors: ['storage-unavailable'],
});

export const healthRoutes = [health, ready] as const;
