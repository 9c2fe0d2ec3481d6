import type { LiveSeries } from '../../protocol/live.ts';
import type { Descriptor, SeriesIdentity } from '../../protocol/metrics.ts';
import type { Logger } from '../log.ts';

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

export interface PowerSeriesParts {
  log: Logger;
  declare(hostId: string, series: readonly SeriesIdentity[]): LiveSeries[];
  /** A host has series that were not known before. */
  announce(hostId: string): void;
}

/** Frames of one layout share one list of series, with and without power. */
interface Known {
  own: readonly LiveSeries[];
  layouts: WeakMap<readonly LiveSeries[], readonly LiveSeries[]>;
}

/** The series of watts and joules of each host and source, put behind those of a frame. */
export class PowerSeries {
  readonly #parts: PowerSeriesParts;
  /** By host, then by source. */
  readonly #known = new Map<string, Map<string, Known>>();

  constructor(parts: PowerSeriesParts) {
    this.#parts = parts;
  }

  /** The frame with watts and joules behind its own values; the frame itself where history takes no more series. */
  add<F extends PoweredFrame>(frame: F, sourceId: string, [watts, joules]: [number | null, number]): F {
    const known = this.#known.get(frame.hostId)?.get(sourceId) ?? this.#declare(frame.hostId, sourceId);
    if (!known) return frame;
    let series = known.layouts.get(frame.series);
    if (!series) {
      series = [...frame.series, ...known.own];
      known.layouts.set(frame.series, series);
    }
    const values = [...frame.values, watts === null ? null : hundredth(watts), hundredth(joules)];
    return { ...frame, series, values };
  }

  forget(hostId: string): void {
    this.#known.delete(hostId);
  }

  #declare(hostId: string, sourceId: string): Known | undefined {
    const attributes = { 'hw.source': sourceId };
    try {
      const own = this.#parts.declare(hostId, [
        { metric: POWER, attributes },
        { metric: ENERGY, attributes },
      ]);
      const made: Known = { own, layouts: new WeakMap() };
      const mine = this.#known.get(hostId) ?? new Map<string, Known>();
      this.#known.set(hostId, mine.set(sourceId, made));
      this.#parts.announce(hostId);
      return made;
    } catch (error) {
      this.#parts.log.warn({ err: error, host: hostId }, 'the power of a host cannot be kept');
      return undefined;
    }
  }
}

/** Finer than any meter, and short to store. */
export const hundredth = (value: number): number => Math.round(value * 100) / 100;
