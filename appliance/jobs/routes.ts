import { cancelJob, listJobs, listRuns, runJob } from '../../protocol/routes/jobs.ts';
import { pageOf } from '../paging.ts';
import type { Routes } from '../serve.ts';
import type { JobRunner } from './runner.ts';

/** Jobs for owners: what there is, how it went, run now, cancel. */
export function serveJobs(routes: Routes, runner: JobRunner): void {
  routes.serve(listJobs, ({ query }) => pageOf(runner.list(), query, ({ id }) => id));

  routes.serve(listRuns, async ({ params, query: { cursor, limit } }) => {
    const runs = await runner.runs(params.jobId);
    const from = cursor === undefined ? 0 : runs.findIndex(({ id }) => id < cursor);
    const items = from < 0 ? [] : runs.slice(from, from + limit);
    const last = items.at(-1);
    return { items, ...(last && from + limit < runs.length && { next: last.id }) };
  });

  routes.serve(runJob, ({ params, session }) => runner.start(params.jobId, session.userName));

  routes.serve(cancelJob, ({ params, session }) => {
    runner.cancel(params.jobId, session.userName);
    return null;
  });
}
