import { z } from 'zod';
import { source } from '../source.ts';

/** Machines that nobody measured idle at about a third of their thermal design power. */
const IDLE_SHARE = 0.3;

/** The thermal design power that people gave the host, and nothing else. */
export const tdp = source({
  id: 'tdp',
  title: 'TDP alone',
  confidence: 'guess',
  uncertainty: () => 0.5,
  hint: 'Idle is taken as three tenths of the TDP in the host’s settings. Where the processors’ use is not known, the whole TDP counts.',
  settings: z.strictObject({}),
  open: (_settings, { tdp: most }) => ({
    how: 'frame',
    watts: ({ cpu = 1 }) => (most === undefined ? undefined : most * (IDLE_SHARE + cpu * (1 - IDLE_SHARE))),
  }),
});
