import {
  type Collector,
  isBeside,
  type Moment,
  NothingToRead,
  type Platform,
  type Reader,
} from './collectors/collector.ts';
import { Wishes } from './expected.ts';
import { SystemFiles } from './files.ts';
import type { AgentLog } from './log.ts';
import { isSettledAtOnce, withPatience } from './patience.ts';
import { type Run, runNothing, runProgram } from './programs.ts';
import { type AskShell, askNobody, askWindows } from './reading/windows/shell.ts';
import type { SeriesTable } from './series.ts';
import { type CollectorState, Slot } from './slot.ts';

export type { CollectorState } from './slot.ts';

/** How long a sample waits for readers that answer later; the frame leaves without them then. */
const PATIENCE_MS = 500;
/** A collector beside that has not answered after so long says so in doctor and in the log. */
const HUNG_MS = 60_000;
/** Beside: the first questions come one after the other, so that a start is no burst. */
const SPREAD_MS = 1_000;

export interface SamplerOptions {
  collectors: readonly Collector[];
  series: SeriesTable;
  platform: NodeJS.Platform;
  log: AgentLog;
  /** Of each collector id; what is left out has its defaults. */
  settings?: Readonly<Record<string, unknown>>;
  /** Where the machine's files are; another place in tests, where no program is run unless `run` is given. */
  root?: string;
  run?: Run;
  /** Asks Windows; the process's own shell by default. */
  shell?: AskShell;
  /** What the appliance wants to know; nothing when left out. */
  wishes?: Wishes;
}

/**
 * Asks every collector at one moment. One that fails, hangs or is not there costs only its own values. Those that are `isSlow` run
 * beside: a sample starts whoever is due, waits for none of them, and has what they said last.
 */
export class Sampler {
  readonly #fast: Slot[];
  readonly #slow: Slot[];
  readonly #files: SystemFiles;
  readonly #options: SamplerOptions;
  /** Monotonic ms of the first sample. */
  #startedAt: number | undefined;
  #saidFull = false;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#files = new SystemFiles(options.root);
    const slots = options.collectors.map((collector) => this.#slotOf(collector));
    const { platform } = options;
    this.#fast = slots.filter(({ collector }) => !isBeside(collector, platform));
    this.#slow = slots.filter(({ collector }) => isBeside(collector, platform));
  }

  /** All values now as `[ix, value, …]`; null for what was read but is no number. Never throws. */
  async sample(moment: Moment): Promise<(number | null)[]> {
    const late = this.#fast.flatMap((slot) => slot.ask(moment) ?? []);
    if (late.length > 0) await waitFor(Promise.all(late));
    this.#askSlow(moment);
    this.#sayFull();
    return [
      ...this.#fast.flatMap((slot) => (isStale(slot, moment.mono, slot.everyMs) ? [] : slot.values)),
      ...this.#slow.flatMap((slot) => (isOld(slot, moment.mono) ? [] : slot.values)),
    ];
  }

  /** Asks every collector beside at once and waits for all of them; for doctor. */
  async sampleSlow(moment: Moment, patienceMs: number): Promise<void> {
    const running = this.#slow.flatMap((slot) => slot.ask(moment) ?? slot.running ?? []);
    await withPatience(Promise.all(running), patienceMs);
    for (const slot of this.#slow)
      if (slot.running) slot.fail(new Error(`no answer within ${patienceMs / 1000} s`), moment, { isStillOpen: true });
  }

  get states(): CollectorState[] {
    const states = new Map([...this.#fast, ...this.#slow].map((slot) => [slot.collector, slot.state]));
    return this.#options.collectors.flatMap((collector) => states.get(collector) ?? []);
  }

  close(): void {
    for (const slot of [...this.#fast, ...this.#slow]) slot.close();
    this.#files.close();
  }

  #askSlow(moment: Moment): void {
    this.#startedAt ??= moment.mono;
    const since = moment.mono - this.#startedAt;
    for (const [i, slot] of this.#slow.entries()) {
      if (since < (i + 1) * SPREAD_MS) return;
      if (slot.running && slot.ageAt(moment.mono) >= HUNG_MS && slot.state.state !== 'failing')
        slot.fail(new Error(`no answer for ${HUNG_MS / 1000} s`), moment, { isStillOpen: true });
      void slot.ask(moment);
    }
  }

  #slotOf(collector: Collector): Slot {
    const { platform, settings, series, log, root } = this.#options;
    const open = isPlatform(platform) ? collector.read[platform] : undefined;
    const { wishes = new Wishes() } = this.#options;
    const shell = this.#options.shell ?? (platform === 'win32' && root === undefined ? askWindows : askNobody);
    const run = this.#options.run ?? (root === undefined ? runProgram : runNothing);
    return new Slot({
      collector,
      isSupported: open !== undefined,
      ...(open === undefined && { reason: whyNot(collector, platform) }),
      log,
      indexOf: (metric, labels) => series.indexOf(metric, labels),
      open: (): Reader => {
        if (!open) throw new NothingToRead(whyNot(collector, platform));
        return open(settings?.[collector.id] ?? {}, {
          files: this.#files,
          run,
          shell,
          wishes,
          describe: (descriptor) => series.learn(descriptor),
        });
      },
    });
  }

  #sayFull(): void {
    const { series, log } = this.#options;
    if (this.#saidFull || !series.isFull) return;
    this.#saidFull = true;
    log.warn({ series: series.size }, 'this machine has more series than the appliance takes; the rest is left out');
  }
}

async function waitFor(late: Promise<unknown>): Promise<void> {
  if (!(await isSettledAtOnce(late))) await withPatience(late, PATIENCE_MS);
}

const whyNot = ({ unread }: Collector, platform: NodeJS.Platform): string =>
  (isPlatform(platform) ? unread?.[platform] : undefined) ?? `no reader was written for ${platform}`;

const isPlatform = (platform: NodeJS.Platform): platform is Platform =>
  platform === 'linux' || platform === 'darwin' || platform === 'win32';

/** A reader that is still busy: what it said before is sent again for one period, and then no more. */
const isStale = (slot: Slot, mono: number, periodMs: number): boolean =>
  slot.running !== undefined && slot.ageAt(mono) >= periodMs;

/** One beside may take a minute for its answer. */
const isOld = (slot: Slot, mono: number): boolean => isStale(slot, mono, Math.max(slot.everyMs, HUNG_MS));
