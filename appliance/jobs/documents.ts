import { z } from 'zod';
import { jobProgress, type RunState, runState } from '../../protocol/jobs.ts';
import type { Document, Kind } from '../store/documents.ts';

const stored = { id: z.string(), siteId: z.string(), rev: z.number().int() };
/** Jobs are of the whole appliance. */
export const OWNER = 'appliance';

export interface RunRecord extends Document {
  jobId: string;
  startedAt: number;
  endedAt?: number;
  state: RunState;
  by: string;
  text: string;
  progress?: z.infer<typeof jobProgress>;
}
export const runRecords: Kind<RunRecord> = {
  name: 'job-runs',
  schema: z.looseObject({
    ...stored,
    jobId: z.string(),
    startedAt: z.number(),
    endedAt: z.number().exactOptional(),
    state: runState,
    by: z.string(),
    text: z.string(),
    progress: jobProgress.exactOptional(),
  }),
  indexes: ['jobId'],
};

/** From when on a job's next time is counted: its last scheduled run, or when its schedule was first seen as it is. */
export interface AnchorRecord extends Document {
  schedule: string;
  at: number;
}
export const anchorRecords: Kind<AnchorRecord> = {
  name: 'jobs',
  schema: z.looseObject({ ...stored, schedule: z.string(), at: z.number() }),
  indexes: [],
};
