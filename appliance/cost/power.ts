// Over 250 lines: what becomes of a reading, from meter and frame to the series of its host, is to be read in one place.
import type { Confidence, Machine } from '../../protocol/cost.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { Descriptor, SeriesIdentity } from '../../protocol/metrics.ts';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import { MINUTE_MS, SECOND_MS } from '../spans.ts';
import { joulesBetween, type PowerSample } from './energy.ts';
import { readingOf, upsOf } from './frame-reading.ts';
import { Meter } from './meter.ts';
import { type FrameReading, type MeterReading, type SourceDeps, SourceError } from './source.ts';
import type { Ready, SourceBook } from './source-book.ts';

export const POWER = 'hw.host.power';
/** Joules of each frame: they add up over any span, whatever the interval was. */
export const ENERGY = 'hw.host.energy.used';

/** What power is to charts and rules. */
export const POWER_DESCRIPTORS: readonly Descriptor[] = [
  {
    ...{ id: POWER, title: 'Power of the host', unit: 'W', kind: 'gauge', rollup: 'average', min: 0 },
    attributes: ['hw.source'],
    chart: { group: 'host-power', order: 70, style: 'line' },
  },
  {
    ...{
      id: ENERGY,
      title: 'Energy of the host since its frame before',
      unit: 'J',
      kind: 'gauge',
      rollup: 'sum',
      min: 0,
    },
    attributes: ['hw.source'],
  },
];

/** A frame, as far as power is added to it. */
export interface PoweredFrame {
  hostId: string;
  stream: string;
  at: number;
  late: boolean;
  intervalMs: number;
  series: readonly LiveSeries[];
  values: readonly (number | null)[];
}

/** A row that the appliance writes for a meter whose host sends no frames. */
export interface MeterRow extends PoweredFrame {
  seq: number;
  offsetMs: number;
}

export interface PowerParts {
  book: SourceBook;
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
  /** A host has series that were not known before. */
  announce(host: Host): void;
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
  meter?: Meter;
  stop?: () => void;
  /** Joules that no frame has taken along yet. */
  pending: number;
  problem?: string;
  now?: PowerSample;
  /** Of reckoned sources: the reading before, by stream. */
  before: Map<string, PowerSample>;
  frameAt: number;
  cpu?: number;
  rowAt: number;
}

const HEARD_STEP_MS = 4 * MINUTE_MS;
/** A host whose agent was silent for so long gets rows of its meter's own. */
const SILENT_MS = 15 * SECOND_MS;
const FRESH_MS = 90 * SECOND_MS;
const ROW_MS = MINUTE_MS;
/** What a counter made up for after an outage is laid on rows this far apart, as many as that at most. */
const REPAIR_MS = 5 * MINUTE_MS;
const MOST_REPAIR_ROWS = 7 * 24 * 12;
const ASK_LIMIT_MS = 10 * SECOND_MS;
const MOST_STREAMS = 8;

/**
 * Adds watts and joules to the frames of hosts: reckoned out of the frame, or as a meter said. Every joule is written once: a meter's are
 * taken along by the host's next frame, or by a row of the meter's own while the host sends none.
 */
export class Power {
  readonly #parts: PowerParts;
  readonly #known = new Map<string, Known>();
  /** By host and source, and then by the layout of the frame. */
  readonly #series = new Map<
    string,
    { own: readonly LiveSeries[]; layouts: WeakMap<readonly LiveSeries[], readonly LiveSeries[]> }
  >();
  readonly #ups = new Map<string, Map<string, PowerSample>>();

  constructor(parts: PowerParts) {
    this.#parts = parts;
  }

  /** Opens the meters that people chose; reckoned sources open with the first frame. */
  start(): void {
    for (const { id } of this.#parts.hosts()) if (this.#parts.book.get(id)) this.#of(id);
  }

  stop(): void {
    for (const known of this.#known.values()) known.stop?.();
    this.#known.clear();
  }

  /** The source, the TDP or a machine of a host became another one. */
  changed(hostId: string): void {
    const known = this.#known.get(hostId);
    known?.stop?.();
    this.#known.delete(hostId);
    if (this.#parts.book.get(hostId) && this.#parts.host(hostId)) this.#of(hostId);
  }

  changedSite(siteId: string): void {
    for (const { id, siteId: of } of this.#parts.hosts()) if (of === siteId) this.changed(id);
  }

  forget(hostId: string): void {
    this.#known.get(hostId)?.stop?.();
    this.#known.delete(hostId);
    this.#ups.delete(hostId);
    for (const key of [...this.#series.keys()]) if (key.startsWith(`${hostId} `)) this.#series.delete(key);
  }

  now(hostId: string): PowerNow {
    const known = this.#known.get(hostId) ?? (this.#parts.book.get(hostId) ? this.#of(hostId) : undefined);
    if (!known?.ready) {
      return { problem: known?.problem ?? 'No source is known: choose one, or give the host a TDP' };
    }
    const { plugin, uncertainty } = known.ready;
    const at = this.#parts.now();
    const isFresh = known.now !== undefined && at - known.now.at <= Math.max(FRESH_MS, 3 * this.#intervalOf(hostId));
    return {
      source: { id: plugin.id, title: plugin.title, isChosen: known.isChosen },
      ...{ confidence: plugin.confidence, uncertainty },
      ...(isFresh && known.now && { watts: hundredth(known.now.watts), at: known.now.at }),
      ...(known.problem !== undefined && { problem: known.problem }),
    };
  }

  /** The frame with watts and joules behind its own values; the frame itself where nothing is known. */
  powered<F extends PoweredFrame>(frame: F): F {
    const { hostId, at, late } = frame;
    const reading = readingOf(frame);
    if (!late) this.#hear(frame, reading);
    const known = this.#withSource(hostId, reading);
    if (!known?.ready) return frame;
    if (known.meter) return late ? frame : this.#metered(frame, known);
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
    return this.#with(frame, known.ready.plugin.id, [sample.watts, joules]);
  }

  /** Writes what meters counted for hosts that send no frames; to be called every few seconds. */
  async tick(): Promise<void> {
    const now = this.#parts.now();
    for (const [hostId, known] of this.#known) {
      if (!known.meter || known.pending <= 0 || now - known.rowAt < ROW_MS) continue;
      if (now - known.frameAt < Math.max(SILENT_MS, 2.5 * this.#intervalOf(hostId))) continue;
      const joules = known.pending;
      const watts = known.meter.wattsAt(now) ?? joules / (ROW_MS / 1_000);
      known.pending = 0;
      known.rowAt = now;
      await this.#append(hostId, known, { rows: [{ at: now, watts, joules }], late: false });
    }
  }

  /** Watts of the host by its model or TDP, whatever its source is: the weight of its share of a UPS. */
  #modelled(hostId: string, cpu: number | undefined): number | undefined {
    const host = this.#parts.host(hostId);
    if (!host || cpu === undefined) return undefined;
    const opened = this.#parts.book.byItself(host, {}, this.#deps(host))?.opened;
    return opened?.how === 'frame' ? opened.watts({ cpu }, 0) : undefined;
  }

  #hear({ hostId, at, ...frame }: PoweredFrame, { cpu }: FrameReading): void {
    for (const { name, watts } of upsOf(frame)) {
      const mine = this.#ups.get(hostId) ?? new Map<string, PowerSample>();
      mine.set(name, { at, watts });
      this.#ups.set(hostId, mine);
    }
    const known = this.#known.get(hostId);
    if (!known) return;
    known.frameAt = Math.max(known.frameAt, at);
    if (cpu !== undefined) known.cpu = cpu;
  }

  #shareOf(hostId: string, ups: { hostId: string; name: string | undefined }, at: number): number | undefined {
    const all = [...(this.#ups.get(ups.hostId) ?? [])];
    const reading = (ups.name === undefined ? all[0] : all.find(([name]) => name === ups.name))?.[1];
    if (!reading || Math.abs(at - reading.at) > FRESH_MS) return undefined;
    const peers = [...this.#known].filter(([, { ready, frameAt, isChosen }]) => {
      return isChosen && ready?.plugin.id === 'ups' && at - frameAt <= FRESH_MS;
    });
    const hanging = peers.filter(([id]) => {
      const value = this.#parts.book.get(id)?.value;
      return id === hostId || (value?.host === ups.hostId && value?.name === ups.name);
    });
    const weights = hanging.map(([id, { cpu }]) => ({ id, weight: this.#modelled(id, cpu) }));
    const areKnown = weights.every(({ weight }) => weight !== undefined && weight > 0);
    const sum = weights.reduce((total, { weight = 0 }) => total + (areKnown ? weight : 1), 0);
    const mine = areKnown ? (weights.find(({ id }) => id === hostId)?.weight ?? 0) : 1;
    return sum > 0 ? (reading.watts * mine) / sum : undefined;
  }

  #remember(known: Known, stream: string, sample: PowerSample): void {
    known.before.delete(stream);
    known.before.set(stream, sample);
    const [oldest] = known.before.keys();
    if (known.before.size > MOST_STREAMS && oldest !== undefined) known.before.delete(oldest);
  }

  #metered<F extends PoweredFrame>(frame: F, known: Known): F {
    const watts = known.meter?.wattsAt(frame.at);
    if (watts === undefined && known.pending <= 0) return frame;
    const joules = known.pending;
    known.pending = 0;
    return this.#with(frame, known.ready?.plugin.id ?? '', [watts ?? null, joules]);
  }

  #with<F extends PoweredFrame>(frame: F, sourceId: string, [watts, joules]: [number | null, number]): F {
    const key = `${frame.hostId} ${sourceId}`;
    const known = this.#series.get(key) ?? this.#declare(frame.hostId, sourceId, key);
    if (!known) return frame;
    let series = known.layouts.get(frame.series);
    if (!series) {
      series = [...frame.series, ...known.own];
      known.layouts.set(frame.series, series);
    }
    const values = [...frame.values, watts === null ? null : hundredth(watts), hundredth(joules)];
    return { ...frame, series, values };
  }

  #declare(hostId: string, sourceId: string, key: string) {
    const attributes = { 'hw.source': sourceId };
    const host = this.#parts.host(hostId);
    try {
      const own = this.#parts.history.declare(hostId, [
        { metric: POWER, attributes },
        { metric: ENERGY, attributes },
      ]);
      const made = { own, layouts: new WeakMap<readonly LiveSeries[], readonly LiveSeries[]>() };
      this.#series.set(key, made);
      if (host) this.#parts.announce(host);
      return made;
    } catch (error) {
      this.#parts.log.warn({ err: error, host: hostId }, 'the power of a host cannot be kept');
      return undefined;
    }
  }

  /** The host's source; where nobody chose one, the best that its frame allows. */
  #withSource(hostId: string, reading: FrameReading): Known | undefined {
    const known = this.#of(hostId);
    if (!known || known.ready || known.isChosen) return known;
    const host = this.#parts.host(hostId);
    const ready = host && this.#parts.book.byItself(host, reading, this.#deps(host));
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
      ...{ pending: 0, before: new Map(), frameAt: 0, rowAt: 0 },
    };
    this.#known.set(hostId, known);
    if (record) this.#openChosen(host, known);
    return known;
  }

  #openChosen(host: Host, known: Known): void {
    try {
      const ready = this.#parts.book.opened(host.id, this.#deps(host));
      known.ready = ready;
      if (ready?.opened.how === 'poll') this.#poll(host.id, known, ready);
      else if (ready?.opened.how === 'hear') this.#listen(host.id, known, ready);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      known.problem = error.message;
    }
  }

  #listen(hostId: string, known: Known, { opened }: Ready): void {
    if (opened.how !== 'hear') return;
    known.meter = new Meter(HEARD_STEP_MS);
    known.stop = opened.hear(
      (reading) => this.#take(hostId, known, reading),
      (error) => this.#fail(hostId, known, error),
    );
  }

  #poll(hostId: string, known: Known, { opened }: Ready): void {
    if (opened.how !== 'poll') return;
    known.meter = new Meter(opened.everyMs);
    let isBusy = false;
    const ask = async (): Promise<void> => {
      if (isBusy) return;
      isBusy = true;
      try {
        this.#take(hostId, known, await opened.read(AbortSignal.timeout(Math.min(ASK_LIMIT_MS, opened.everyMs))));
      } catch (error) {
        this.#fail(hostId, known, error);
      } finally {
        isBusy = false;
      }
    };
    const timer = setInterval(() => void ask(), opened.everyMs).unref();
    known.stop = () => clearInterval(timer);
    void ask();
  }

  #take(hostId: string, known: Known, reading: MeterReading): void {
    if (this.#known.get(hostId) !== known || !known.meter) return;
    const at = this.#parts.now();
    delete known.problem;
    const metered = known.meter.take(reading, at);
    if (known.meter.last) known.now = known.meter.last;
    if (!metered) return;
    if (metered.to - metered.from <= REPAIR_MS) known.pending += metered.joules;
    else this.#repair(hostId, known, metered).catch((error) => this.#fail(hostId, known, error));
  }

  /** The meter went on counting while nobody asked it: its energy is laid evenly on the time that it is of. */
  async #repair(hostId: string, known: Known, { from, to, joules }: { from: number; to: number; joules: number }) {
    const count = Math.min(MOST_REPAIR_ROWS, Math.ceil((to - from) / REPAIR_MS));
    const stepMs = (to - from) / count;
    const watts = (joules * 1_000) / (to - from);
    const rows = Array.from({ length: count }, (_, n) => ({
      ...{ at: Math.round(from + (n + 0.5) * stepMs), watts, joules: joules / count },
    }));
    await this.#append(hostId, known, { rows, late: true });
  }

  async #append(
    hostId: string,
    known: Known,
    { rows, late }: { rows: readonly { at: number; watts: number; joules: number }[]; late: boolean },
  ): Promise<void> {
    const stream = `power/${hostId}`;
    const intervalMs = this.#intervalOf(hostId);
    let seq = this.#parts.history.highWaterMark(stream);
    const made = rows.map(({ at, watts, joules }) => {
      seq += 1;
      const empty = { hostId, stream, at, late, intervalMs, seq, offsetMs: 0, series: NO_SERIES, values: [] };
      return this.#with(empty, known.ready?.plugin.id ?? '', [watts, joules]);
    });
    await this.#parts.history.append(made);
  }

  #fail(hostId: string, known: Known, error: unknown): void {
    if (this.#known.get(hostId) !== known) return;
    const text = error instanceof SourceError ? error.message : 'The meter did not answer in time';
    if (known.problem !== text) this.#parts.log.warn({ host: hostId, err: error }, 'a power meter could not be read');
    known.problem = text;
  }

  #intervalOf(hostId: string): number {
    return this.#parts.host(hostId)?.intervalMs ?? 5 * SECOND_MS;
  }

  /** What a source of this host is opened with. */
  deps(host: Host): SourceDeps {
    return this.#deps(host);
  }

  #deps(host: Host): SourceDeps {
    const { now, machinesOf } = this.#parts;
    return {
      ...{ hostId: host.id, siteId: host.siteId, now },
      machine: (id) => machinesOf(host.siteId).find((each) => each.id === id),
      upsShare: (ups, at) => this.#shareOf(host.id, ups, at),
      ...(host.watts !== undefined && { tdp: host.watts }),
    };
  }
}

const NO_SERIES: readonly LiveSeries[] = [];

/** Finer than any meter, and short to store. */
const hundredth = (value: number): number => Math.round(value * 100) / 100;
