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

export const systemRoutes = [readClock, confirmClock] as const;
