import { uptime } from 'node:os';
import { OffsetClock } from './clock.ts';
import { type Collector, isBeside, type Moment } from './collectors/collector.ts';
import { collectors as all } from './collectors/index.ts';
import { Wishes } from './expected.ts';
import type { AgentLog } from './log.ts';
import type { Outbox } from './outbox.ts';
import { Sampler } from './sampler.ts';
import { SeriesTable } from './series.ts';
import { Spool, type SpoolOptions } from './spool/spool.ts';
import { type Grade, Ticker } from './ticker.ts';

export interface MonitorOptions {
  log: AgentLog;
  intervalMs: number;
  collectors?: readonly Collector[];
  /** Of each collector id, from the agent's own file. */
  settings?: Readonly<Record<string, unknown>>;
  /** When frames go to disk; as it suits a disk by default. */
  spool?: Pick<SpoolOptions, 'patienceMs' | 'batchMs'>;
  /** A durable frame is in the outbox. */
  onFrame: () => void;
  /** A sample for those who watch; `at` in appliance time. */
  onWatch: (sample: { stream: string; at: number; values: (number | null)[] }) => void;
  /** The wall clock of this machine was set. */
  onClockSet: () => void;
}

const GRID_MS = 50;

const clocks = () => ({ wall: Date.now(), mono: performance.now(), boot: () => uptime() * 1000 });

/** Reads the machine at its interval into the outbox, and in between for those who watch. */
export class Monitor {
  readonly series: SeriesTable;
  readonly spool: Spool;
  readonly wishes = new Wishes();
  readonly clock = new OffsetClock(clocks());
  readonly #options: MonitorOptions;
  readonly #collectors: readonly Collector[];
  readonly #sampler: Sampler;
  readonly #ticker: Ticker;
  /** Reads for those who watch, with rates of its own: those of durable frames are over their whole interval. */
  #watching: Sampler | undefined;
  #leaseEndsAt = 0;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#collectors = options.collectors ?? all;
    this.series = new SeriesTable(this.#collectors.flatMap(({ descriptors }) => descriptors));
    const { log, spool } = options;
    this.spool = new Spool({ series: this.series, clock: this.clock, log, ...spool });
    this.#sampler = this.#newSampler();
    this.#ticker = new Ticker({
      intervalMs: options.intervalMs,
      now: () => Date.now() + this.clock.offsetMs,
      onTick: (grade, target) => void this.#tick(grade, target),
    });
  }

  /** Changes after an outage, see `Spool.turn`. */
  get stream(): string {
    return this.spool.current.stream;
  }

  get outbox(): Outbox {
    return this.spool.current;
  }

  /** The first frame comes at once, without rates, so that the host is seen; the others at multiples of the interval. */
  start(): void {
    this.#ticker.start();
    void this.#tick('durable');
  }

  stop(): void {
    this.#ticker.stop();
    this.#sampler.close();
    this.#endWatch();
  }

  setInterval(intervalMs: number): void {
    if (intervalMs === this.#ticker.intervalMs) return;
    this.#options.log.info({ intervalMs }, 'the interval has changed');
    this.#ticker.set(intervalMs);
  }

  /** Somebody looks until `leaseMs` from now. Of no effect where the interval is as short already. */
  watch({ intervalMs, leaseMs }: { intervalMs: number; leaseMs: number }): void {
    this.#leaseEndsAt = performance.now() + leaseMs;
    if (this.#watching || intervalMs >= this.#ticker.intervalMs) return;
    // Who watches is served by what is quick: the rest comes with the durable frames.
    this.#watching = this.#newSampler(this.#collectors.filter((each) => !isBeside(each, process.platform)));
    void this.#watching.sample(moment());
    this.#ticker.watch(intervalMs);
  }

  #newSampler(collectors = this.#collectors): Sampler {
    const { log, settings = {} } = this.#options;
    const { series, wishes } = this;
    return new Sampler({ collectors, series, wishes, settings, platform: process.platform, log });
  }

  async #tick(grade: Grade, target?: number): Promise<void> {
    const now = clocks();
    if (this.clock.observe(now)) this.#options.onClockSet();
    if (this.#watching && now.mono >= this.#leaseEndsAt) this.#endWatch();
    const read = { at: this.#onGrid(now.wall, target), mono: now.mono };
    if (this.#watching) await this.#readForWatchers(this.#watching, grade, read);
    if (grade === 'durable') await this.#readForGood(read);
  }

  /** A few milliseconds of lag are noise, and times on a grid take no room in history; a real delay stays what it is. */
  #onGrid(wall: number, target: number | undefined): number {
    const meant = target === undefined ? wall : target - this.clock.offsetMs;
    return Math.abs(wall - meant) < GRID_MS ? meant : wall;
  }

  async #readForGood({ at, mono }: Moment): Promise<void> {
    const values = await this.#sampler.sample({ at, mono });
    this.outbox.add({ at, mono: Math.round(mono), values });
    this.#options.onFrame();
    this.spool.tend();
  }

  /** Where a durable frame is due the watchers get that one; read all the same, so that the next rates are over one step. */
  async #readForWatchers(sampler: Sampler, grade: Grade, read: Moment): Promise<void> {
    const values = await sampler.sample(read);
    if (grade === 'durable' || values.length === 0) return;
    this.#options.onWatch({ stream: this.stream, at: Math.round(read.at + this.clock.offsetMs), values });
  }

  #endWatch(): void {
    this.#watching?.close();
    this.#watching = undefined;
    this.#ticker.watch(0);
  }
}

const moment = (): Moment => ({ at: Date.now(), mono: performance.now() });
