import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessRow, TopProcesses } from '../../protocol/agent-link.ts';
import { FRAME_LIMITS } from '../../protocol/limits.ts';
import type { ProcessSource, Scan, Scanned } from './scan.ts';

/** The first answer is over so long; the others over the time between two questions. */
const FIRST_MS = 1_000;
/** Whoever asks more often gets the same answer. */
const LEAST_MS = 900;
/** Two scans further apart are not compared: an average over minutes is not what takes most now. */
const MOST_MS = 30_000;
const LONGEST_NAME = 64;
const MOST_CORES = availableParallelism() + 0.5;

interface Known extends Scan {
  mono: number;
}

const keyOf = ({ pid, start }: Scanned): string => `${pid} ${start}`;
const plain = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]/gu, '\u00b7').slice(0, LONGEST_NAME);

/** Highest first, and of those at most so many. */
const first = <T>(all: readonly T[], by: (each: T) => number): T[] =>
  [...all].sort((a, b) => by(b) - by(a)).slice(0, FRAME_LIMITS.topProcesses);

/**
 * Answers which processes take most of the processor and of memory, while somebody asks. Nothing is read when nobody does. Questions
 * that come together get one answer.
 */
export class Top {
  readonly #source: ProcessSource;
  readonly #now: () => number;
  #last: Known | undefined;
  #told: { mono: number; answer: TopProcesses } | undefined;
  #asking: Promise<TopProcesses> | undefined;

  constructor(source: ProcessSource, now: () => number = () => performance.now()) {
    this.#source = source;
    this.#now = now;
  }

  /** Rejects with the reason when the system cannot be asked. */
  ask(): Promise<TopProcesses> {
    if (this.#told && this.#now() - this.#told.mono < LEAST_MS) return Promise.resolve(this.#told.answer);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<TopProcesses> {
    if (!this.#last || this.#now() - this.#last.mono > MOST_MS) {
      this.#last = await this.#scan();
      await pause(FIRST_MS);
    }
    const [before, after] = [this.#last, await this.#scan()];
    this.#last = after;
    const answer = this.#compare(before, after);
    this.#told = { mono: after.mono, answer };
    return answer;
  }

  async #scan(): Promise<Known> {
    const scan = await this.#source.scan();
    return { ...scan, mono: this.#now() };
  }

  #compare(before: Known, after: Known): TopProcesses {
    const overMs = Math.max(1, Math.round(after.mono - before.mono));
    const spent = new Map(before.processes.map((each) => [keyOf(each), each.cpuSeconds]));
    const all = after.processes.map((each) => {
      // One that was not there before has spent all its time since; more than that, and it was left out before.
      const grown = each.cpuSeconds === undefined ? undefined : each.cpuSeconds - (spent.get(keyOf(each)) ?? 0);
      const cpu = grown === undefined ? undefined : Math.max(0, (grown * 1000) / overMs);
      return { ...each, cpu: cpu === undefined || cpu > MOST_CORES ? undefined : cpu };
    });
    const told = new Set([...first(all, ({ cpu = -1 }) => cpu), ...first(all, ({ memoryBytes }) => memoryBytes)]);
    const { leftOut, isPartial } = after;
    const items = [...told].map((each) => this.#row(each));
    return { overMs, seen: all.length, leftOut, ...(isPartial && { isPartial }), items };
  }

  #row(each: Scanned & { cpu: number | undefined }): ProcessRow {
    const user = each.user ?? this.#source.userOf(each);
    return {
      pid: each.pid,
      name: plain(each.name),
      ...(user !== undefined && { user: plain(user) }),
      ...(each.cpu !== undefined && { cpu: Math.round(each.cpu * 1e3) / 1e3 }),
      memoryBytes: Math.round(each.memoryBytes),
    };
  }
}
