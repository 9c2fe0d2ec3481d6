import { z } from 'zod';
import { source } from '../source.ts';

const EVERY_MS = 10_000;

/** A constant power around the clock: switches, access points, a router. */
export const fixed = source({
  id: 'fixed',
  title: 'Always the same',
  confidence: 'guess',
  uncertainty: () => 0.3,
  hint: 'For what always runs and takes about the same, such as a switch. It counts whether or not the host reports.',
  settings: z.strictObject({
    watts: z
      .number()
      .min(0, 'a power is 0 W or more')
      .max(50_000, 'at most 50000 W')
      .meta({ title: 'Power, W', order: 1 }),
  }),
  open: ({ watts }) => ({ how: 'poll', everyMs: EVERY_MS, read: async () => ({ watts }) }),
});
