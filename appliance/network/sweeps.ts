import type { SweepResult } from '../../protocol/network.ts';
import type { Job, JobContext } from '../jobs.ts';
import { Problem } from '../problem.ts';
import { HOUR_MS, MINUTE_MS } from '../spans.ts';
import { addressesOf, parseCidr } from './cidr.ts';
import type { SubnetRecord } from './documents.ts';
import { isSweepable, type Subnets } from './subnets.ts';
import type { SweepLink, SweepTarget, Swept } from './sweep/result.ts';
import type { sweep } from './sweep/sweep.ts';

export interface SweepsParts {
  subnets: Subnets;
  now: () => number;
  sweep: typeof sweep;
  /** Where devices of a subnet were when they answered last. */
  known: (subnet: SubnetRecord) => ReadonlySet<string>;
  /** Takes what a sweep brought. */
  take: (subnet: SubnetRecord, swept: Swept, startedAt: number) => Promise<void>;
  /** What goes on after that, as asking new devices for their names; part of the run, not of the sweep. */
  follow: (subnet: SubnetRecord, link: SweepLink | undefined, context: JobContext) => Promise<void>;
  /** Starts the job, or answers that it runs already. */
  start: (by: string) => Promise<unknown>;
}

/** What is said of a subnet while it waits or is swept. */
export interface Sweeping {
  state: 'idle' | 'waiting' | 'sweeping';
  progress?: { done: number; of: number; text: string };
}

export const SWEEP_JOB = 'network-sweep';
/** Fewer answers than this from before are no reason to doubt a sweep that found nobody. */
const DOUBTED_FROM = 2;
/** A sweep that is due is not left for the next time because the clock is a little early. */
const SLACK = 0.95;

/** Sweeps one subnet after the other: those that are due, and those that somebody asked for. */
export class Sweeps {
  readonly #parts: SweepsParts;
  readonly #wanted = new Set<string>();
  readonly #running = new Map<string, { abort: AbortController; progress: NonNullable<Sweeping['progress']> }>();

  constructor(parts: SweepsParts) {
    this.#parts = parts;
  }

  /** The job of all sweeps; as often as the subnet that wants it most often. */
  job(): Job {
    return {
      id: SWEEP_JOB,
      title: 'Sweep the network',
      schedule: () => {
        const spans = this.#parts.subnets.all().flatMap((each) => everyMsOf(each) ?? []);
        return spans.length > 0 ? { everyMs: Math.min(...spans) } : 'by hand';
      },
      timeoutMs: 2 * HOUR_MS,
      run: (context) => this.#run(context),
    };
  }

  of(subnetId: string): Sweeping {
    const running = this.#running.get(subnetId);
    if (running) return { state: 'sweeping', progress: running.progress };
    return { state: this.#wanted.has(subnetId) ? 'waiting' : 'idle' };
  }

  /** Has these swept as soon as possible. Fails where one is too large for that. */
  async ask(subnets: readonly SubnetRecord[], by: string): Promise<void> {
    const large = subnets.find(({ cidr }) => !isSweepable(cidr));
    if (large)
      throw new Problem('conflict', `${large.cidr} has more than 4094 addresses: add a part of it, at most a /20`);
    for (const { id } of subnets) if (!this.#running.has(id)) this.#wanted.add(id);
    await this.#parts.start(by);
  }

  /** Ends those of a site; what was asked so far is no sweep, and nobody is gone by it. */
  cancel(siteId: string): void {
    for (const { id } of this.#parts.subnets.list(siteId)) {
      this.#wanted.delete(id);
      this.#running.get(id)?.abort.abort(new Problem('conflict', 'cancelled'));
    }
  }

  /** Starts what was asked for while a run was just ending; to be called about once a second. */
  async tick(): Promise<void> {
    if (this.#wanted.size > 0 && this.#running.size === 0) await this.#parts.start('appliance');
  }

  async #run(context: JobContext): Promise<string> {
    await this.#parts.subnets.look();
    if (this.#wanted.size === 0) for (const { id } of this.#due()) this.#wanted.add(id);
    const said: string[] = [];
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        context.signal.throwIfAborted();
        said.push(await this.#sweep(next, context));
      }
    } finally {
      if (context.signal.aborted) this.#wanted.clear();
    }
    return said.length > 0 ? said.join('; ') : 'No subnet is switched on';
  }

  #next(): SubnetRecord | undefined {
    const [id] = this.#wanted;
    if (id === undefined) return undefined;
    this.#wanted.delete(id);
    return this.#parts.subnets.get(id) ?? this.#next();
  }

  /** Those that are due; where none is, somebody has asked for the job itself: all. */
  #due(): SubnetRecord[] {
    const { subnets, now } = this.#parts;
    const all = subnets.all().filter(({ isEnabled }) => isEnabled);
    const due = all.filter((each) => {
      const everyMs = everyMsOf(each);
      return everyMs !== undefined && now() - (each.last?.endedAt ?? 0) >= everyMs * SLACK;
    });
    return due.length > 0 ? due : all;
  }

  async #sweep(subnet: SubnetRecord, context: JobContext): Promise<string> {
    const { now, take, follow, subnets, known } = this.#parts;
    const startedAt = now();
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, context.signal]);
    const range = parseCidr(subnet.cidr);
    const addresses = range ? addressesOf(range) : [];
    const running = { abort, progress: { done: 0, of: addresses.length, text: `Asking ${subnet.cidr}` } };
    this.#running.set(subnet.id, running);
    const tell = (done: number, of: number, text: string): void => {
      running.progress = { done, of, text };
      context.progress(running.progress);
    };
    const link = subnets.linkOf(subnet);
    const { cidr, packetsPerSecond } = subnet;
    try {
      const target = { cidr, addresses, packetsPerSecond, known: known(subnet) };
      const swept = doubted(await this.#try(target, link, { now, signal, progress: tell }), target);
      const result = resultOf(swept, startedAt, now());
      await take(subnet, swept, startedAt);
      await subnets.swept(subnet.id, result);
      if (swept.why === undefined)
        await follow(subnet, link, {
          ...context,
          signal,
          progress: (said) => tell(said.done, said.of ?? 0, said.text),
        });
      return `${cidr}: ${textOf(result)}`;
    } finally {
      this.#running.delete(subnet.id);
    }
  }

  /** A sweep that failed is one that asked nobody: it has its reason, and takes nobody away. */
  async #try(
    target: SweepTarget,
    link: SweepLink | undefined,
    context: { now: () => number; signal: AbortSignal; progress(done: number, of: number, text: string): void },
  ): Promise<Swept> {
    try {
      return await this.#parts.sweep(target, link, { context });
    } catch (error) {
      const why = context.signal.aborted ? 'it was cancelled' : error instanceof Error ? error.message : String(error);
      return { by: '', asked: 0, of: target.addresses.length, sightings: [], doubles: [], why };
    }
  }
}

const everyMsOf = ({ isEnabled, everyMinutes }: SubnetRecord): number | undefined =>
  isEnabled && everyMinutes > 0 ? everyMinutes * MINUTE_MS : undefined;

/** Where all are silent at once, it is the appliance that is cut off: nobody is gone by that. */
export function doubted(swept: Swept, { known }: Pick<SweepTarget, 'known'>): Swept {
  const others = swept.sightings.filter(({ ip }) => known.has(ip));
  if (swept.why !== undefined || known.size < DOUBTED_FROM || others.length > 0) return swept;
  // The appliance itself is among the sightings, and proves nothing.
  if (swept.sightings.length > 1) return swept;
  return {
    ...swept,
    why: `none of the ${known.size} devices that were there answered: the appliance itself seems to be cut off`,
  };
}

const resultOf = ({ by, asked, of, sightings, why }: Swept, startedAt: number, endedAt: number): SweepResult => ({
  ...{ startedAt, endedAt: Math.max(endedAt, startedAt), isComplete: why === undefined, asked, of, by },
  found: new Set(sightings.map(({ ip }) => ip)).size,
  ...(why !== undefined && { why }),
});

const textOf = ({ isComplete, found, asked, of, why }: SweepResult): string =>
  isComplete ? `${found} found, all ${of} addresses asked` : `not complete (${asked} of ${of} addresses asked): ${why}`;
