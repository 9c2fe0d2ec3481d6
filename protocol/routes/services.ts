import { z } from 'zod';
import { documentId, instant } from '../identity.ts';
import { route } from '../route.ts';

/** A service of a host: one that should run there, that was found there, or both. */
export const hostService = z.object({
  name: z.string(),
  /** What its maker calls it. */
  title: z.string().exactOptional(),
  /** As the agent found it when it last looked at all of them; absent where it did not find it. The series `system.service.up` is newer. */
  state: z.enum(['running', 'stopped', 'failed', 'unknown']).exactOptional(),
  isExpected: z.boolean(),
  isCritical: z.boolean(),
  /** Why it might be expected: what it belongs to. */
  suggestion: z.string().exactOptional(),
});
export type HostService = z.infer<typeof hostService>;

export const hostServices = route({
  id: 'services.list',
  method: 'GET',
  path: '/api/v1/hosts/:hostId/services',
  access: 'viewer',
  site: 'record',
  summary: 'Lists the services of a host: expected ones, then suggestions, then the others that were found',
  params: z.object({ hostId: documentId }),
  answer: z.object({
    items: z.array(hostService),
    /** When the agent told of the services it has found; absent before that. */
    foundAt: instant.exactOptional(),
  }),
  errors: ['not-signed-in', 'not-found'],
});

export const servicesRoutes = [hostServices] as const;
