import type { JobAnswer, JobProgress, JobRun } from '../../protocol/jobs.ts';
import type { Hub } from '../hub.ts';
import { newId } from '../ids.ts';
import type { Job, Schedule } from '../jobs.ts';
import type { Logger } from '../log.ts';
import { Places } from '../places.ts';
import { Problem } from '../problem.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { type AnchorRecord, anchorRecords, OWNER, type RunRecord, runRecords } from './documents.ts';
import { type Ended, RunStopped, runOnce } from './one-run.ts';
import { nextAt, scheduleText } from './schedule.ts';

export interface RunnerParts {
  documents: DocumentStore;
  hub: Hub;
  now: () => number;
  log: Logger;
  /** How long a failed try waits for the next; one minute by default. */
  retryMs?: number;
}

interface Running {
  run: JobRun;
  abort: AbortController;
  ended: Promise<void>;
  toldAt: number;
}

const AT_ONCE = 2;
const RETRY_MS = 60_000;
/** Progress is told at most this often. */
const TELL_MS = 250;
/** Runs of one job that are kept. */
const KEPT_RUNS = 100;

/** Runs jobs by their schedule and by hand: of each one run at a time, of all together two; what became of it is kept. */
export class JobRunner {
  readonly #parts: RunnerParts;
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Map<string, Running>();
  readonly #places = new Places(AT_ONCE);
  readonly #last = new Map<string, RunRecord>();
  readonly #anchors = new Map<string, AnchorRecord>();
  readonly #runs: Collection<RunRecord>;
  readonly #anchorRecords: Collection<AnchorRecord>;
  #isTicking = false;
  #isStopped = false;

  private constructor(parts: RunnerParts, runs: Collection<RunRecord>, anchors: Collection<AnchorRecord>) {
    this.#parts = parts;
    this.#runs = runs;
    this.#anchorRecords = anchors;
  }

  /** Marks runs that were under way when the appliance ended as interrupted. */
  static async open(parts: RunnerParts): Promise<JobRunner> {
    const { documents, now } = parts;
    const runner = new JobRunner(
      parts,
      await documents.collection(runRecords),
      await documents.collection(anchorRecords),
    );
    for (const found of await runner.#runs.find({}, { sort: { by: 'startedAt', order: 'up' } })) {
      const record = found.state === 'running' ? await runner.#runs.update(interrupted(found, now())) : found;
      runner.#last.set(record.jobId, record);
    }
    for (const anchor of await runner.#anchorRecords.find()) runner.#anchors.set(anchor.id, anchor);
    return runner;
  }

  add(job: Job): void {
    if (this.#jobs.has(job.id)) throw new Error(`job ${job.id} is there twice`);
    this.#jobs.set(job.id, job);
  }

  /**
   * Starts what is due; to be called about once a second. However many times passed while the appliance was off, they are made up
   * with one run. A changed schedule counts from now.
   */
  async tick(): Promise<void> {
    if (this.#isTicking) return;
    this.#isTicking = true;
    try {
      for (const job of this.#jobs.values()) if (!this.#isStopped) await this.#startIfDue(job);
    } finally {
      this.#isTicking = false;
    }
  }

  async #startIfDue(job: Job): Promise<void> {
    if (this.#running.has(job.id)) return;
    const now = this.#parts.now();
    const schedule = scheduleOf(job);
    const anchor = this.#anchors.get(job.id);
    const isNew = anchor?.schedule !== JSON.stringify(schedule);
    if (!isNew && (nextAt(schedule, anchor.at) ?? Infinity) > now) return;
    await this.#anchor(job.id, schedule, now);
    if (!isNew) await this.start(job.id, 'schedule');
  }

  list(): JobAnswer[] {
    return [...this.#jobs.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map((job) => this.#describe(job));
  }

  /** Every kept run of a job, newest first. */
  async runs(jobId: string): Promise<JobRun[]> {
    this.#need(jobId);
    const running = this.#running.get(jobId)?.run;
    const records = await this.#runs.find({ jobId }, { sort: { by: 'startedAt', order: 'down' } });
    return records.map((record) => (record.id === running?.id ? running : asRun(record)));
  }

  /** Resolves when the run is on record; it goes on by itself. Answers with the run that is under way, if there is one. */
  async start(jobId: string, by: string): Promise<JobRun> {
    const job = this.#need(jobId);
    const present = this.#running.get(jobId);
    if (present) return present.run;
    const startedAt = this.#parts.now();
    const run: JobRun = { id: newId(startedAt), jobId, startedAt, state: 'running', by, text: '' };
    const abort = new AbortController();
    const running: Running = { run, abort, ended: Promise.resolve(), toldAt: -Infinity };
    this.#running.set(jobId, running);
    try {
      await this.#runs.insert({ ...run, siteId: OWNER });
    } catch (error) {
      this.#running.delete(jobId);
      throw error;
    }
    running.ended = this.#work(job, running);
    this.#parts.hub.emit('job', { run });
    return run;
  }

  /** Asks the run that is under way to end; it may take a moment. */
  cancel(jobId: string, by: string): void {
    this.#need(jobId);
    this.#running.get(jobId)?.abort.abort(new RunStopped('cancelled', `Cancelled by ${by}`));
  }

  /** Resolves with the outcome when the run that is under way has ended; undefined when there is none. */
  async ended(jobId: string): Promise<JobRun | undefined> {
    await this.#running.get(jobId)?.ended;
    const last = this.#last.get(jobId);
    return last && asRun(last);
  }

  /** Ends what runs; what does not heed its signal is marked at the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const all = [...this.#running.values()];
    for (const { abort } of all) abort.abort(new RunStopped('interrupted', 'The appliance was stopped'));
    await Promise.all(all.map(({ ended }) => ended));
  }

  /** Drops runs that ended before `before` and all but the newest hundred of each job; says how many. The last one stays. */
  async prune(before: number): Promise<number> {
    let dropped = 0;
    for (const jobId of new Set([...this.#last.keys()])) {
      const [, ...rest] = await this.#runs.find({ jobId }, { sort: { by: 'startedAt', order: 'down' } });
      const old = rest.filter(
        ({ startedAt, state }, n) => state !== 'running' && (startedAt < before || n >= KEPT_RUNS),
      );
      for (const { id } of old) if (await this.#runs.remove(id)) dropped++;
    }
    return dropped;
  }

  async #work(job: Job, running: Running): Promise<void> {
    const { now, log, retryMs = RETRY_MS } = this.#parts;
    const { abort } = running;
    const progress = (said: JobProgress): void => this.#progress(running, said);
    const own = { abort, progress, now, retryMs, log: log.child({ component: 'jobs', jobId: job.id }) };
    await this.#end(job, running, await this.#places.run(abort.signal, () => runOnce(job, own)));
  }

  async #end(job: Job, { run }: Running, { state, text }: Ended): Promise<void> {
    const { hub, log, now } = this.#parts;
    const ended: JobRun = { ...run, endedAt: Math.max(now(), run.startedAt), state, text };
    const record = { ...ended, siteId: OWNER, rev: 0 };
    this.#last.set(job.id, record);
    await this.#runs.update(record).catch((err) => log.error({ err, jobId: job.id }, 'a run could not be kept'));
    this.#running.delete(job.id);
    log.info({ component: 'jobs', jobId: job.id, state, text }, 'job ended');
    hub.emit('job', { run: ended });
    if (state === 'done' || state === 'failed')
      hub.emit('fact', {
        siteId: OWNER,
        kind: 'job',
        key: job.id,
        state: state === 'done' ? 'ok' : 'wrong',
        severity: 'medium',
        text: `${job.title}: ${text}`,
        at: ended.endedAt ?? 0,
      });
  }

  #progress(running: Running, progress: JobProgress): void {
    running.run = { ...running.run, progress };
    const at = performance.now();
    if (at - running.toldAt < TELL_MS) return;
    running.toldAt = at;
    this.#parts.hub.emit('job', { run: running.run });
  }

  async #anchor(id: string, schedule: Schedule, at: number): Promise<void> {
    const record = { id, siteId: OWNER, schedule: JSON.stringify(schedule), at };
    const stored = this.#anchors.has(id)
      ? await this.#anchorRecords.update(record)
      : await this.#anchorRecords.insert(record);
    this.#anchors.set(id, stored);
  }

  #describe(job: Job): JobAnswer {
    const schedule = scheduleOf(job);
    const anchor = this.#anchors.get(job.id);
    const now = this.#parts.now();
    const next = nextAt(schedule, anchor?.schedule === JSON.stringify(schedule) ? anchor.at : now);
    const running = this.#running.get(job.id)?.run;
    const last = this.#last.get(job.id);
    return {
      id: job.id,
      title: job.title,
      schedule: scheduleText(schedule),
      ...(next !== undefined && { nextAt: Math.round(Math.max(next, now)) }),
      ...(running && { running }),
      ...(last && { last: asRun(last) }),
    };
  }

  #need(jobId: string): Job {
    const job = this.#jobs.get(jobId);
    if (!job) throw new Problem('not-found', `There is no job ${jobId}`);
    return job;
  }
}

const scheduleOf = ({ schedule }: Job): Schedule => (typeof schedule === 'function' ? schedule() : schedule);

const interrupted = (record: RunRecord, endedAt: number): RunRecord => ({
  ...record,
  endedAt: Math.max(endedAt, record.startedAt),
  state: 'interrupted',
  text: 'The appliance ended while it ran',
});

const asRun = ({ siteId: _site, rev: _rev, ...run }: RunRecord): JobRun => run;
