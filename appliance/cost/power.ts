// Over 250 lines: where the watts of a host come from, by frame, meter or row, is to be read in one place.
import type { Confidence, Machine } from '../../protocol/cost.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { SeriesIdentity } from '../../protocol/metrics.ts';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import { SECOND_MS } from '../spans.ts';
import type { Counters } from './counters.ts';
import { joulesBetween, type PowerSample } from './energy.ts';
import { readingOf, upsOf } from './frame-reading.ts';
import { HostMeter } from './host-meter.ts';
import { type MeterRow, MeterRows } from './meter-rows.ts';
import { hundredth, type PoweredFrame, PowerSeries } from './power-series.ts';
import type { FrameReading, Heard, Polled, SourceDeps } from './source.ts';
import type { Ready, SourceBook } from './source-book.ts';
import { FRESH_MS, shareOf, type UpsName, UpsShares } from './ups-shares.ts';

export interface PowerParts {
  book: SourceBook;
  counters: Counters;
  log: Logger;
  now: () => number;
  host(id: string): Host | undefined;
  hosts(): readonly Host[];
  machinesOf(siteId: string): readonly Machine[];
  history: {
    declare(hostId: string, series: readonly SeriesIdentity[]): LiveSeries[];
    highWaterMark(stream: string): number;
    append(rows: readonly MeterRow[]): Promise<void>;
  };
  /** Joules that history has of a host and source after a moment. */
  joulesAfter(host: { hostId: string; sourceId: string }, at: number): Promise<number>;
  /** A host has series that were not known before. */
  announce(host: Host): void;
  /** What a meter says of a host that sends no frames itself, as it goes into history. */
  measured(host: Host, row: MeterRow): void;
}

/** What a host takes now, and what that is worth. */
export interface PowerNow {
  /** Id and title of the source; undefined = nothing is known. */
  source?: { id: string; title: string; isChosen: boolean };
  confidence?: Confidence;
  uncertainty?: number;
  watts?: number;
  at?: number;
  /** Why there are no watts. */
  problem?: string;
}

interface Known {
  ready: Ready | undefined;
  isChosen: boolean;
  since: number;
  /** Of metered sources. */
  meter?: HostMeter;
  problem?: string;
  /** Of reckoned sources. */
  now?: PowerSample;
  /** Of reckoned sources: the reading before, by stream. */
  before: Map<string, PowerSample>;
  frameAt: number;
  cpu?: number;
  rowAt: number;
}

/** A host whose agent was silent for so long gets rows of its meter's own. */
const SILENT_MS = 15 * SECOND_MS;
const MOST_STREAMS = 8;
/** `tick` comes a little early or late. */
const TICK_SLACK = 0.9;

/**
 * Adds watts and joules to the frames of hosts: reckoned out of the frame, or as a meter said. Every joule is written once: a meter's are
 * taken along by the host's next frame, or by a row of the meter's own while the host sends none.
 */
export class Power {
  readonly #parts: PowerParts;
  readonly #known = new Map<string, Known>();
  readonly #series: PowerSeries;
  readonly #rows: MeterRows;
  readonly #ups = new UpsShares();

  constructor(parts: PowerParts) {
    this.#parts = parts;
    const { log, history, host, announce } = parts;
    this.#series = new PowerSeries({
      log,
      declare: (hostId, series) => history.declare(hostId, series),
      announce: (hostId) => {
        const found = host(hostId);
        if (found) announce(found);
      },
    });
    this.#rows = new MeterRows({ series: this.#series, history });
  }

  /** Opens the meters that people chose; reckoned sources open with the first frame. */
  start(): void {
    for (const { id } of this.#parts.hosts()) if (this.#parts.book.get(id)) this.#of(id);
  }

  /** Ends; what counters said is kept for the next start. History takes what is open to the disk after this. */
  async stop(): Promise<void> {
    for (const [hostId, { meter }] of this.#known) {
      this.#note(hostId);
      meter?.stop();
    }
    this.#known.clear();
    await this.#parts.counters.save({ isEnd: true });
  }

  /** Keeps where counters stand; to be called about once an hour. */
  async save(): Promise<void> {
    for (const hostId of this.#known.keys()) this.#note(hostId);
    await this.#parts.counters.save();
  }

  /** The source, the TDP or a machine of a host became another one. */
  changed(hostId: string): void {
    this.#close(hostId);
    if (this.#parts.book.get(hostId) && this.#parts.host(hostId)) this.#of(hostId);
  }

  changedSite(siteId: string): void {
    for (const { id, siteId: of } of this.#parts.hosts()) if (of === siteId) this.changed(id);
  }

  async forget(hostId: string): Promise<void> {
    this.#close(hostId);
    this.#ups.forget(hostId);
    this.#series.forget(hostId);
    await this.#parts.counters.forget(hostId);
  }

  now(hostId: string): PowerNow {
    const known = this.#known.get(hostId) ?? (this.#parts.book.get(hostId) ? this.#of(hostId) : undefined);
    const ready = known?.ready ?? this.#expected(hostId, known);
    if (!known?.ready) {
      const problem = known?.problem ?? (ready ? 'It has said nothing since Reeve was started' : NO_SOURCE);
      return { ...(ready && worthOf(ready, false)), problem };
    }
    const at = this.#parts.now();
    const now = known.meter ? known.meter.last : known.now;
    const problem = known.meter ? known.meter.problem : known.problem;
    const isFresh = now !== undefined && at - now.at <= Math.max(FRESH_MS, 3 * this.#intervalOf(hostId));
    return {
      ...worthOf(known.ready, known.isChosen),
      ...(isFresh && now && { watts: hundredth(now.watts), at: now.at }),
      ...(problem !== undefined && { problem }),
    };
  }

  /** The frame with watts and joules behind its own values; the frame itself where nothing is known. */
  powered<F extends PoweredFrame>(frame: F): F {
    const { hostId, at, late } = frame;
    const reading = readingOf(frame);
    if (!late) this.#hear(frame, reading);
    const known = this.#withSource(hostId, reading);
    if (!known?.ready) return frame;
    if (known.meter) return late ? frame : this.#metered(frame, known.ready, known.meter);
    if (known.ready.opened.how !== 'frame' || at < known.since) return frame;
    const watts = known.ready.opened.watts(reading, at);
    if (watts === undefined || !Number.isFinite(watts)) return frame;
    const sample = { at, watts: Math.max(0, watts) };
    const joules = joulesBetween(known.before.get(frame.stream), sample, frame.intervalMs);
    this.#remember(known, frame.stream, sample);
    if (!late) {
      known.now = sample;
      delete known.problem;
    }
    return this.#series.add(frame, known.ready.plugin.id, [sample.watts, joules]);
  }

  /** Writes and tells what meters say of hosts that send no frames, at the hosts' intervals; to be called every few seconds. */
  async tick(): Promise<void> {
    const now = this.#parts.now();
    for (const [hostId, known] of this.#known) {
      const { meter, ready } = known;
      const intervalMs = this.#intervalOf(hostId);
      if (!meter || !ready || now - known.rowAt < TICK_SLACK * intervalMs) continue;
      if (now - known.frameAt < Math.max(SILENT_MS, 2.5 * intervalMs)) continue;
      if (meter.pending <= 0 && meter.wattsAt(now) === undefined) continue;
      known.rowAt = now;
      const made = this.#metered(this.#rows.next({ hostId, intervalMs }, now), ready, meter);
      const done = this.#rows.append(made);
      const host = this.#parts.host(hostId);
      if (host) this.#parts.measured(host, made);
      await done;
    }
  }

  /** What will be taken once the host sends its first frame, as far as its facts say. */
  #expected(hostId: string, known: Known | undefined): Ready | undefined {
    const host = this.#parts.host(hostId);
    return host && !known?.isChosen ? this.#parts.book.byItself(host, {}, this.deps(host)) : undefined;
  }

  /** Watts of the host by its model or TDP, whatever its source is: the weight of its share of a UPS. */
  #modelled(hostId: string, cpu: number | undefined): number | undefined {
    const host = this.#parts.host(hostId);
    if (!host || cpu === undefined) return undefined;
    const opened = this.#parts.book.byItself(host, {}, this.deps(host))?.opened;
    return opened?.how === 'frame' ? opened.watts({ cpu }, 0) : undefined;
  }

  #hear({ hostId, at, ...frame }: PoweredFrame, { cpu }: FrameReading): void {
    this.#ups.take(hostId, at, upsOf(frame));
    const known = this.#known.get(hostId);
    if (!known) return;
    known.frameAt = Math.max(known.frameAt, at);
    if (cpu !== undefined) known.cpu = cpu;
  }

  /** What a host has of a UPS, W: of those that chose the same one and are on. */
  #upsShareOf(hostId: string, ups: UpsName, at: number): number | undefined {
    const watts = this.#ups.wattsOf(ups, at);
    if (watts === undefined) return undefined;
    const weights = new Map<string, number | undefined>();
    for (const [id, { ready, frameAt, isChosen, cpu }] of this.#known) {
      if (!isChosen || ready?.plugin.id !== 'ups' || at - frameAt > FRESH_MS) continue;
      const value = this.#parts.book.get(id)?.value;
      const isOnIt = id === hostId || (value?.host === ups.hostId && value?.name === ups.name);
      if (isOnIt) weights.set(id, this.#modelled(id, cpu));
    }
    return weights.has(hostId) ? watts * shareOf(hostId, weights) : undefined;
  }

  #remember(known: Known, stream: string, sample: PowerSample): void {
    known.before.delete(stream);
    known.before.set(stream, sample);
    const [oldest] = known.before.keys();
    if (known.before.size > MOST_STREAMS && oldest !== undefined) known.before.delete(oldest);
  }

  #metered<F extends PoweredFrame>(frame: F, { plugin }: Ready, meter: HostMeter): F {
    const watts = meter.wattsAt(frame.at);
    if (watts === undefined && meter.pending <= 0) return frame;
    return this.#series.add(frame, plugin.id, [watts ?? null, meter.takeAlong(frame.at)]);
  }

  /** The host's source; where nobody chose one, the best that its frame allows. */
  #withSource(hostId: string, reading: FrameReading): Known | undefined {
    const known = this.#of(hostId);
    if (!known || known.ready || known.isChosen) return known;
    const host = this.#parts.host(hostId);
    const ready = host && this.#parts.book.byItself(host, reading, this.deps(host));
    if (ready) known.ready = ready;
    return known;
  }

  #of(hostId: string): Known | undefined {
    const before = this.#known.get(hostId);
    if (before) return before;
    const host = this.#parts.host(hostId);
    if (!host) return undefined;
    const record = this.#parts.book.get(hostId);
    const known: Known = {
      ...{ ready: undefined, isChosen: record !== undefined, since: record?.since ?? 0 },
      ...{ before: new Map(), frameAt: 0, rowAt: 0 },
    };
    this.#known.set(hostId, known);
    if (record) this.#openChosen(host, known);
    return known;
  }

  #openChosen(host: Host, known: Known): void {
    try {
      const ready = this.#parts.book.opened(host.id, this.deps(host));
      known.ready = ready;
      if (ready && ready.opened.how !== 'frame')
        known.meter = this.#meterOf(host, known, { ...ready, opened: ready.opened });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      known.problem = error.message;
    }
  }

  #meterOf({ id, siteId }: Host, { since }: Known, { opened, plugin }: Ready & { opened: Polled | Heard }): HostMeter {
    const { log, now, counters, joulesAfter } = this.#parts;
    return new HostMeter({
      ...{ hostId: id, log, now, opened },
      counted: async () => {
        const stood = counters.of(id, since);
        if (!stood) return undefined;
        const written = await joulesAfter({ hostId: id, sourceId: plugin.id }, stood.at);
        return { at: stood.at, joules: stood.joules + written };
      },
      began: (counted) => {
        counters
          .begin({ id, siteId, since, ...counted })
          .catch((error) => log.warn({ host: id, err: error }, 'where a power meter stands could not be kept'));
      },
      repair: (metered) => this.#rows.repair({ hostId: id, intervalMs: this.#intervalOf(id) }, plugin.id, metered),
    });
  }

  #close(hostId: string): void {
    this.#note(hostId);
    this.#known.get(hostId)?.meter?.stop();
    this.#known.delete(hostId);
  }

  #note(hostId: string): void {
    const known = this.#known.get(hostId);
    const counted = known?.meter?.counted;
    const host = this.#parts.host(hostId);
    if (known && counted && host)
      this.#parts.counters.note({ id: hostId, siteId: host.siteId, since: known.since, ...counted });
  }

  #intervalOf(hostId: string): number {
    return this.#parts.host(hostId)?.intervalMs ?? 5 * SECOND_MS;
  }

  /** What a source of this host is opened with. */
  deps(host: Host): SourceDeps {
    const { now, machinesOf } = this.#parts;
    return {
      ...{ hostId: host.id, siteId: host.siteId, now },
      machine: (id) => machinesOf(host.siteId).find((each) => each.id === id),
      upsShare: (ups, at) => this.#upsShareOf(host.id, ups, at),
      ...(host.watts !== undefined && { tdp: host.watts }),
    };
  }
}

const NO_SOURCE = 'No source is known: choose one, or give the host a TDP';

const worthOf = ({ plugin, uncertainty }: Ready, isChosen: boolean) => ({
  source: { id: plugin.id, title: plugin.title, isChosen },
  ...{ confidence: plugin.confidence, uncertainty },
});
