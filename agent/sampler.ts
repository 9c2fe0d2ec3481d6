import {
  type Collector,
  type Moment,
  NothingToRead,
  type Platform,
  type Put,
  type Reader,
} from './collectors/collector.ts';
import { SystemFiles } from './files.ts';
import type { AgentLog } from './log.ts';
import { withPatience } from './patience.ts';
import type { SeriesTable } from './series.ts';

/** How long a sample waits for readers that answer later; the frame leaves without them then. */
const PATIENCE_MS = 500;
/** How long until something that was not there is looked for again: a driver may be loaded meanwhile. */
const LOOK_AGAIN_MS = 10 * 60_000;
/** A collector that fails is named in the log, and not again for this long. */
const SAY_AGAIN_MS = 60 * 60_000;

/** What one collector can do on this machine, for doctor. */
export interface CollectorState {
  id: string;
  title: string;
  state: 'reading' | 'absent' | 'failing' | 'unsupported';
  reason?: string;
  /** Values in its last answer. */
  values: number;
}

interface Slot {
  collector: Collector;
  reader?: Reader;
  state: CollectorState['state'];
  reason?: string;
  /** Last answer, `[ix, value, …]`. */
  values: (number | null)[];
  isBusy: boolean;
  /** Monotonic ms of the last question, and from which on it is asked again. */
  askedAt: number;
  dueAt: number;
  saidAt: number;
}

export interface SamplerOptions {
  collectors: readonly Collector[];
  series: SeriesTable;
  platform: NodeJS.Platform;
  log: AgentLog;
  /** Of each collector id; what is left out has its defaults. */
  settings?: Readonly<Record<string, unknown>>;
  /** Where the machine's files are; another place in tests. */
  root?: string;
}

/** Asks every collector at one moment. A collector that fails, hangs or is not there costs only its own values. */
export class Sampler {
  readonly #slots: Slot[];
  readonly #files: SystemFiles;
  readonly #options: SamplerOptions;
  #saidFull = false;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#files = new SystemFiles(options.root);
    this.#slots = options.collectors.map((collector) => ({
      collector,
      state: isPlatform(options.platform) && collector.read[options.platform] ? 'absent' : 'unsupported',
      values: [],
      isBusy: false,
      askedAt: 0,
      dueAt: 0,
      saidAt: Number.NEGATIVE_INFINITY,
    }));
  }

  /** All values now as `[ix, value, …]`; null for what was read but is no number. Never throws. */
  async sample(moment: Moment): Promise<(number | null)[]> {
    const late: Promise<void>[] = [];
    for (const slot of this.#slots) {
      if (slot.isBusy || slot.state === 'unsupported' || moment.mono < slot.dueAt) continue;
      const answer = this.#ask(slot, moment);
      if (answer) late.push(answer);
    }
    if (late.length > 0) await withPatience(Promise.all(late), PATIENCE_MS);
    return this.#slots.flatMap((slot) => (isStale(slot, moment) ? [] : slot.values));
  }

  get states(): CollectorState[] {
    return this.#slots.map(({ collector: { id, title }, state, reason, values }) => ({
      id,
      title,
      state,
      values: values.length / 2,
      ...(reason !== undefined && { reason }),
    }));
  }

  close(): void {
    for (const slot of this.#slots) slot.reader?.close?.();
    this.#files.close();
  }

  #ask(slot: Slot, moment: Moment): Promise<void> | undefined {
    const values: (number | null)[] = [];
    slot.askedAt = moment.mono;
    try {
      slot.reader ??= this.#open(slot.collector);
      slot.dueAt = slot.reader.everyMs === undefined ? 0 : moment.mono + slot.reader.everyMs;
      const running = slot.reader.read(this.#put(values), moment);
      if (!running) return this.#answered(slot, values);
      slot.isBusy = true;
      return running.then(
        () => this.#answered(slot, values),
        (error) => this.#failed(slot, error, moment),
      );
    } catch (error) {
      return this.#failed(slot, error, moment);
    }
  }

  #open(collector: Collector): Reader {
    const { platform, settings } = this.#options;
    const open = isPlatform(platform) ? collector.read[platform] : undefined;
    if (!open) throw new NothingToRead(`it cannot be read on ${platform}`);
    return open(settings?.[collector.id] ?? {}, { files: this.#files });
  }

  #put(values: (number | null)[]): Put {
    const { series } = this.#options;
    return (metric, value, ...labels) => {
      if (value === undefined) return;
      const ix = series.indexOf(metric, labels);
      if (ix !== undefined) values.push(ix, Number.isFinite(value) ? value : null);
    };
  }

  #answered(slot: Slot, values: (number | null)[]): undefined {
    slot.isBusy = false;
    slot.values = values;
    slot.state = 'reading';
    delete slot.reason;
    const { series, log } = this.#options;
    if (series.isFull && !this.#saidFull) {
      this.#saidFull = true;
      log.warn({ series: series.size }, 'this machine has more series than the appliance takes; the rest is left out');
    }
  }

  #failed(slot: Slot, error: unknown, moment: Moment): undefined {
    const reason = error instanceof Error ? error.message : String(error);
    const isAbsent = error instanceof NothingToRead;
    slot.isBusy = false;
    slot.state = isAbsent ? 'absent' : 'failing';
    slot.reason = reason;
    slot.values = [];
    if (isAbsent) {
      delete slot.reader;
      slot.dueAt = moment.mono + LOOK_AGAIN_MS;
    }
    if (isAbsent || moment.mono - slot.saidAt < SAY_AGAIN_MS) return;
    slot.saidAt = moment.mono;
    this.#options.log.warn({ collector: slot.collector.id, reason }, 'a collector failed');
  }
}

const isPlatform = (platform: NodeJS.Platform): platform is Platform =>
  platform === 'linux' || platform === 'darwin' || platform === 'win32';

/** A reader that is still busy: what it said before is sent again for one period, and then no more. */
const isStale = ({ isBusy, askedAt, reader }: Slot, moment: Moment): boolean =>
  isBusy && moment.mono - askedAt >= (reader?.everyMs ?? 0);
