import { readFileSync, writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { writeIdentity } from '../../agent/identity.ts';
import { startAgent } from '../../agent/main.ts';
import type { StartOptions } from '../../appliance/options.ts';
import { pairWith } from '../../discovery/pairing/client.ts';
import type { JobRun } from '../../protocol/jobs.ts';
import { makeAgentDist } from './agent-dist.ts';
import { type InProcess, startInProcess } from './in-process.ts';
import { keptLog } from './machine.ts';
import { someFacts } from './pairing-appliance.ts';
import { temporaryDirectory } from './temporary.ts';
import { until } from './until.ts';

export const PASSPHRASE = 'canary-passphrase-of-a-backup';

/** An appliance in this process that starts anew when it asks for it, as `entry.ts` does. */
export interface BackupBench {
  reeve(): InProcess;
  data: string;
  /** Resolves when it runs again after it asked for it. */
  restarted(): Promise<void>;
}

export async function startBench(options: Partial<StartOptions> = {}): Promise<BackupBench> {
  const data = options.data ?? temporaryDirectory();
  const distDir = makeAgentDist();
  let now = await startInProcess({ distDir, ...options, data });
  let isEnded = false;
  let starts = 0;
  let seen = 0;
  void (async () => {
    for (;;) {
      await now.appliance.restartAsked;
      if (isEnded) return;
      await now.stop();
      now = await startInProcess({ distDir, ...options, ...now.appliance.ports, data });
      starts++;
    }
  })();
  onTestFinished(async () => {
    isEnded = true;
    await now.stop();
  });
  return {
    reeve: () => now,
    data,
    async restarted() {
      await until(() => starts > seen, { timeoutMs: 30_000, what: 'the appliance starts anew' });
      seen = starts;
    },
  };
}

/** Runs a job and answers with how it ended. */
export async function runJob({ call }: InProcess, jobId: string): Promise<JobRun> {
  const { status, body } = await call('POST', `/api/v1/jobs/${jobId}/run`);
  if (status !== 202) throw new Error(`${jobId}: ${status} ${JSON.stringify(body)}`);
  return endOf({ call }, jobId, String(body.id));
}

/** How a run ended. */
export async function endOf({ call }: Pick<InProcess, 'call'>, jobId: string, runId: string): Promise<JobRun> {
  return until(
    async () => {
      const { body } = await call('GET', `/api/v1/jobs/${jobId}/runs?limit=5`);
      const run = (body as unknown as { items: JobRun[] }).items.find(({ id }) => id === runId);
      return run && run.state !== 'running' && run;
    },
    { timeoutMs: 60_000, what: `the run of ${jobId} ends` },
  );
}

/** Changes settings, each field over what is there. */
export async function changeSettings({ call }: InProcess, section: string, fields: object): Promise<void> {
  const { body } = await call('GET', `/api/v1/settings/${section}`);
  const { rev, value } = body as unknown as { rev: number; value: object };
  const answer = await call('PUT', `/api/v1/settings/${section}`, { rev, value: { ...value, ...fields } });
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
}

/** A real agent in this process that sends each second. */
export async function joinAgent(reeve: InProcess, name = 'nas01') {
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name });
  const pairing = await pairWith(reeve.https, { token: String(body.token), name, facts: someFacts });
  const stateDir = temporaryDirectory();
  writeIdentity(stateDir, { ...pairing, urls: [reeve.https] });
  const log = keptLog();
  const agent = await startAgent({ stateDir, log, mdns: false, intervalMs: 1_000 });
  let isRunning = true;
  const stop = async () => {
    if (isRunning) await agent.stop();
    isRunning = false;
  };
  onTestFinished(stop);
  return { log, stop };
}

/** Sends a file in pieces, as the dashboard does; answers with the id of the kept backup, or with the refusal. */
export async function upload(
  reeve: InProcess,
  file: string,
  { code, pieceBytes = 100_000 }: { code?: string; pieceBytes?: number } = {},
) {
  const base = code ? '/api/v1/setup/uploads' : '/api/v1/backups/uploads';
  const begun = await reeve.call('POST', base, code ? { code } : undefined);
  if (begun.status !== 201) return begun;
  const bytes = readFileSync(file);
  let answer = begun;
  for (let offset = 0; offset === 0 || offset < bytes.length; offset += pieceBytes) {
    const piece = bytes.subarray(offset, offset + pieceBytes);
    const isLast = offset + pieceBytes >= bytes.length;
    const response = await fetch(`${reeve.http}${base}/${begun.body.uploadId}?offset=${offset}&last=${isLast}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream', cookie: reeve.cookie() },
      body: piece,
    });
    answer = { status: response.status, body: JSON.parse(await response.text()), headers: response.headers };
    if (!response.ok) return answer;
  }
  return answer;
}

/** Writes what a download answers to a file. */
export async function download(reeve: InProcess, id: string): Promise<string> {
  const response = await fetch(`${reeve.http}/api/v1/backups/${id}/file`, { headers: { cookie: reeve.cookie() } });
  const file = `${temporaryDirectory()}/downloaded.reeve`;
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  return file;
}
