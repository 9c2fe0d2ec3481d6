import { z } from 'zod';
import { topProcesses } from '../agent-link.ts';
import { documentId, instant } from '../identity.ts';
import { route } from '../route.ts';

/** Asks the agent at each call, once for all who ask within two seconds. Nothing of it is stored. */
export const hostProcesses = route({
  id: 'processes.read',
  method: 'GET',
  path: '/api/v1/hosts/:hostId/processes',
  access: 'viewer',
  site: 'record',
  summary: 'Asks a host which processes take most of its processor and memory now',
  params: z.object({ hostId: documentId }),
  answer: topProcesses.extend({ at: instant }),
  errors: ['not-signed-in', 'not-found', 'host-unreachable'],
});

export const processesRoutes = [hostProcesses] as const;
