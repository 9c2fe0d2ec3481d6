import { z } from 'zod';
import { documentId, instant, wordId } from './identity.ts';

/** What became of one run. `interrupted`: the appliance ended while it ran. */
export const runState = z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted']);
export type RunState = z.infer<typeof runState>;

/** How far a run is: `done` of `of` (absent where nobody knows how much there is), in words. */
export const jobProgress = z.object({
  done: z.number().min(0),
  of: z.number().min(0).exactOptional(),
  text: z.string().max(500),
});
export type JobProgress = z.infer<typeof jobProgress>;

/** One run of a job, as the API and the live event tell it. */
export const jobRun = z.object({
  id: documentId,
  jobId: wordId,
  startedAt: instant,
  endedAt: instant.exactOptional(),
  state: runState,
  /** Name of who asked for it, or `schedule`. */
  by: z.string(),
  /** What it did, or why it failed. */
  text: z.string(),
  progress: jobProgress.exactOptional(),
});
export type JobRun = z.infer<typeof jobRun>;

export const jobAnswer = z.object({
  id: wordId,
  title: z.string(),
  /** When it runs, in words. */
  schedule: z.string(),
  nextAt: instant.exactOptional(),
  running: jobRun.exactOptional(),
  /** The newest run that has ended. */
  last: jobRun.exactOptional(),
});
export type JobAnswer = z.infer<typeof jobAnswer>;
