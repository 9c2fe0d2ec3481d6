import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type JobRun, jobRun } from '../../protocol/jobs.ts';
import { UsageError } from './words.ts';

export interface RunJobOptions {
  /** Where the appliance is, `http://127.0.0.1:8080`. */
  url: string;
  apiKey: string | undefined;
  job: string;
  say(text: string): void;
}

const POLL_MS = 500;
const runs = z.object({ items: z.array(jobRun) });
const problem = z.object({ title: z.string(), detail: z.string().optional() });

/** Runs a job of a running appliance through its API and waits for its end. Answers with the exit code. */
export async function runJobByApi(options: RunJobOptions): Promise<number> {
  const { job, apiKey, say } = options;
  if (!apiKey) throw new UsageError('Set REEVE_API_KEY to an API key of an owner (page API keys)');
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

/** Codes of OpenSSL for a certificate whose authority nobody told Node of. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/;

function whyOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  if (UNTRUSTED.test(cause?.code ?? ''))
    return 'its certificate is not trusted here. Save /ca.crt of the appliance and name that file in NODE_EXTRA_CA_CERTS';
  return cause?.code ?? cause?.message ?? String(error);
}

async function ask({ url, apiKey = '' }: RunJobOptions, method: string, path: string): Promise<unknown> {
  const response = await fetch(url + path, { method, headers: { 'x-api-key': apiKey } }).catch((error: unknown) => {
    throw new Error(`${url} cannot be asked: ${whyOf(error)}`, { cause: error });
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const found = problem.safeParse(body);
  throw Object.assign(
    new Error(found.success ? (found.data.detail ?? found.data.title) : `The appliance answered ${response.status}`),
    { code: String(response.status) },
  );
}
