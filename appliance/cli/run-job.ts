import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type JobRun, jobRun } from '../../protocol/jobs.ts';
import { type ApiPlace, ask, needKey } from './by-api.ts';

export interface RunJobOptions extends ApiPlace {
  job: string;
  say(text: string): void;
}

const POLL_MS = 500;
const runs = z.object({ items: z.array(jobRun) });

/** Runs a job of a running appliance through its API and waits for its end. Answers with the exit code. */
export async function runJobByApi(options: RunJobOptions): Promise<number> {
  const { job, say } = options;
  needKey(options, 'an owner');
  const place = `/api/v1/jobs/${encodeURIComponent(job)}`;
  const begun = jobRun.parse(await ask(options, 'POST', `${place}/run`));
  let told = '';
  for (;;) {
    const { items } = runs.parse(await ask(options, 'GET', `${place}/runs?limit=10`));
    const run = items.find(({ id }) => id === begun.id);
    if (!run) throw new Error('The run is no longer on record');
    if (run.state !== 'running') {
      say(`${run.text}\n`);
      return run.state === 'done' ? 0 : 1;
    }
    const text = progressOf(run);
    if (text !== told) say(`${text}\n`);
    told = text;
    await pause(POLL_MS);
  }
}

const progressOf = ({ progress }: JobRun): string => {
  if (!progress) return '';
  const share = progress.of ? ` ${Math.floor((progress.done / progress.of) * 100)} %` : '';
  return `${progress.text}${share}`;
};
