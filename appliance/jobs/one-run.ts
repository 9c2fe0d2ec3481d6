import { setTimeout as pause } from 'node:timers/promises';
import type { JobProgress } from '../../protocol/jobs.ts';
import type { Job } from '../jobs.ts';
import type { Logger } from '../log.ts';

export interface Ended {
  state: 'done' | 'failed' | 'cancelled' | 'interrupted';
  text: string;
}

/** Why a run was aborted; the reason of its signal. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
  readonly state: 'failed' | 'cancelled' | 'interrupted';

  constructor(state: RunStopped['state'], message: string) {
    super(message);
    this.state = state;
  }
}

export interface RunParts {
  abort: AbortController;
  progress(progress: JobProgress): void;
  now: () => number;
  log: Logger;
  /** How long to wait before the first new try; doubled each time. */
  retryMs: number;
}

const LONGEST_TEXT = 2_000;

/** Runs a job with its time limit and its tries; never fails, and ends when the work itself has ended. */
export async function runOnce(job: Job, { abort, ...parts }: RunParts): Promise<Ended> {
  const { signal } = abort;
  const limit = setTimeout(
    () => abort.abort(new RunStopped('failed', `It took longer than ${Math.round(job.timeoutMs / 60_000)} minutes`)),
    job.timeoutMs,
  );
  try {
    return { state: 'done', text: short(await withTries(job, { ...parts, signal })) };
  } catch (error) {
    const { reason } = signal;
    if (signal.aborted && reason instanceof RunStopped) return { state: reason.state, text: reason.message };
    parts.log.error({ err: error, jobId: job.id }, 'job failed');
    return { state: 'failed', text: short(error instanceof Error ? error.message : String(error)) };
  } finally {
    clearTimeout(limit);
  }
}

type Trying = Omit<RunParts, 'abort'> & { signal: AbortSignal };

async function withTries(job: Job, parts: Trying): Promise<string> {
  const { signal, progress, now, log, retryMs } = parts;
  const tries = 1 + (job.retries ?? 0);
  for (let n = 1; ; n++) {
    signal.throwIfAborted();
    try {
      return await job.run({ signal, progress, now, log });
    } catch (error) {
      if (n >= tries || signal.aborted) throw error;
      log.warn({ err: error, jobId: job.id, try: n }, 'job failed; it is tried again');
      progress({ done: 0, text: `Try ${n} of ${tries} failed: ${error instanceof Error ? error.message : ''}` });
      await pause(retryMs * 2 ** (n - 1), undefined, { signal });
    }
  }
}

const short = (text: string): string => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
