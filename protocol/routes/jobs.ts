import { z } from 'zod';
import { wordId } from '../identity.ts';
import { jobAnswer, jobRun } from '../jobs.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const params = z.object({ jobId: wordId });

export const listJobs = route({
  id: 'jobs.list',
  method: 'GET',
  path: '/api/v1/jobs',
  access: 'owner',
  site: 'none',
  summary: 'Lists what the appliance does by itself: when, and how it went last time',
  query: z.object(pageQuery),
  answer: paged(jobAnswer),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const listRuns = route({
  id: 'jobs.runs',
  method: 'GET',
  path: '/api/v1/jobs/:jobId/runs',
  access: 'owner',
  site: 'none',
  summary: 'Lists the runs of a job, newest first',
  params,
  query: z.object(pageQuery),
  answer: paged(jobRun),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'not-found'],
});

/** Answers at once; how it goes is told by the live event `job` and by `jobs.runs`. */
export const runJob = route({
  id: 'jobs.run',
  method: 'POST',
  path: '/api/v1/jobs/:jobId/run',
  access: 'owner',
  site: 'none',
  summary: 'Runs a job now; where it is running already, answers with that run',
  params,
  answer: jobRun,
  status: 202,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'not-found', 'storage-unavailable'],
});

export const cancelJob = route({
  id: 'jobs.cancel',
  method: 'POST',
  path: '/api/v1/jobs/:jobId/cancel',
  access: 'owner',
  site: 'none',
  summary: 'Ends the run of a job that is under way',
  params,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'not-found'],
});

export const jobsRoutes = [listJobs, listRuns, runJob, cancelJob] as const;
