import { type Collector, type Moment, NothingToRead, type Put, type Reader } from './collectors/collector.ts';
import type { AgentLog } from './log.ts';

/** How long until something that was not there is looked for again: a driver may be loaded meanwhile. */
const LOOK_AGAIN_MS = 10 * 60_000;
/** A collector that fails is named in the log, and not again for this long. */
const SAY_AGAIN_MS = 60 * 60_000;
/** What a reader names as missed is for people: more than this nobody reads. */
const MOST_MISSED = 20;

/** What one collector can do on this machine, for doctor. */
export interface CollectorState {
  id: string;
  title: string;
  state: 'reading' | 'absent' | 'failing' | 'unsupported';
  reason?: string;
  /** Values in its last answer. */
  values: number;
  /** What it could not read though the rest could be, each with the reason. */
  missed: readonly string[];
  /** Monotonic ms of its last answer; absent before the first. */
  answeredAt?: number;
}

export interface SlotOptions {
  collector: Collector;
  isSupported: boolean;
  /** Why not, where it is not. */
  reason?: string;
  open: () => Reader;
  /** Index of a series, or undefined when the host has too many. */
  indexOf: (metric: string, labels: readonly string[]) => number | undefined;
  log: AgentLog;
}

/** One collector on this machine: its reader, what it said last, and when it is asked again. */
export class Slot {
  readonly collector: Collector;
  readonly #options: SlotOptions;
  #reader: Reader | undefined;
  #state: CollectorState['state'];
  #reason: string | undefined;
  #missed: readonly string[] = [];
  #values: (number | null)[] = [];
  #running: Promise<void> | undefined;
  /** Monotonic ms of the last question, of its answer, and from which on it is asked again. */
  #askedAt = 0;
  #answeredAt: number | undefined;
  #dueAt: number;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(options: SlotOptions, dueAt = 0) {
    this.collector = options.collector;
    this.#options = options;
    this.#state = options.isSupported ? 'absent' : 'unsupported';
    this.#reason = options.reason;
    this.#dueAt = dueAt;
  }

  get state(): CollectorState {
    const { id, title } = this.collector;
    return {
      id,
      title,
      state: this.#state,
      values: this.#values.length / 2,
      missed: this.#missed,
      ...(this.#reason !== undefined && { reason: this.#reason }),
      ...(this.#answeredAt !== undefined && { answeredAt: this.#answeredAt }),
    };
  }

  get everyMs(): number {
    return this.#reader?.everyMs ?? 0;
  }

  /** Last answer, `[ix, value, …]`. */
  get values(): readonly (number | null)[] {
    return this.#values;
  }

  /** What has not answered yet; undefined when nothing is open. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  /** How long the last question has been open, or its answer has been known: ms. */
  ageAt(mono: number): number {
    return mono - (this.#running ? this.#askedAt : (this.#answeredAt ?? mono));
  }

  /** Asks if it is due and not busy; the promise, if there is one, never rejects. */
  ask(moment: Moment): Promise<void> | undefined {
    if (this.#running || this.#state === 'unsupported' || moment.mono < this.#dueAt) return undefined;
    const values: (number | null)[] = [];
    const missed: string[] = [];
    this.#askedAt = moment.mono;
    try {
      this.#reader ??= this.#options.open();
      this.#dueAt = this.#reader.everyMs === undefined ? 0 : moment.mono + this.#reader.everyMs;
      const running = this.#reader.read(this.#put(values), moment, (what) => void missed.push(what));
      if (!running) return this.#answered(values, missed);
      this.#running = running.then(
        () => this.#answered(values, missed),
        (error) => this.fail(error, moment),
      );
      return this.#running;
    } catch (error) {
      return this.fail(error, moment);
    }
  }

  /** Its values go, the reason is kept, and is said once an hour at most. A question that is open stays so. */
  fail(error: unknown, { mono }: Moment, { isStillOpen = false } = {}): undefined {
    const reason = error instanceof Error ? error.message : String(error);
    const isAbsent = error instanceof NothingToRead;
    if (!isStillOpen) this.#running = undefined;
    this.#state = isAbsent ? 'absent' : 'failing';
    this.#reason = reason;
    this.#values = [];
    this.#missed = [];
    if (isAbsent) {
      this.#reader?.close?.();
      this.#reader = undefined;
      this.#dueAt = mono + LOOK_AGAIN_MS;
    }
    if (isAbsent || mono - this.#saidAt < SAY_AGAIN_MS) return;
    this.#saidAt = mono;
    this.#options.log.warn({ collector: this.collector.id, reason }, 'a collector failed');
  }

  close(): void {
    this.#reader?.close?.();
  }

  #answered(values: (number | null)[], missed: readonly string[]): undefined {
    this.#running = undefined;
    this.#answeredAt = this.#askedAt;
    this.#values = values;
    this.#state = 'reading';
    this.#missed = missed.slice(0, MOST_MISSED);
    this.#reason = undefined;
  }

  #put(values: (number | null)[]): Put {
    const { indexOf } = this.#options;
    return (metric, value, ...labels) => {
      if (value === undefined) return;
      const ix = indexOf(metric, labels);
      if (ix !== undefined) values.push(ix, Number.isFinite(value) ? value : null);
    };
  }
}
