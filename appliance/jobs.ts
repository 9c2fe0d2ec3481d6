import type { JobProgress } from '../protocol/jobs.ts';
import type { Logger } from './log.ts';

/** When a job runs: again and again after a span, at times of the clock (cron, five fields) in a time zone, or when asked. */
export type Schedule = { everyMs: number } | { cron: string; zone: string } | 'by hand';

/** What a run gets. Everything that takes long heeds `signal`. */
export interface JobContext {
  /** Aborted when somebody cancels the run, when it takes too long, and when the appliance stops. */
  signal: AbortSignal;
  progress(progress: JobProgress): void;
  now: () => number;
  log: Logger;
}

/** Work that the appliance does by itself, one run at a time. */
export interface Job {
  /** A readable word. */
  id: string;
  title: string;
  /** A function where settings decide; asked each time. */
  schedule: Schedule | (() => Schedule);
  timeoutMs: number;
  /** How often a run that failed is tried again within the run, each time later; absent: never. */
  retries?: number;
  /** Answers with what was done, in words for people. Fails with an error whose message says why. */
  run(context: JobContext): Promise<string>;
}
