import { type Declaration, INTERVAL_MS } from '../../protocol/agent-link.ts';
import { FRAME_LIMITS } from '../../protocol/frames.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { SeriesIdentity } from '../../protocol/metrics.ts';

/** Series of a stream by the index that its agent gave them; a hole is a series that was refused. */
export type SeriesTable = (LiveSeries | undefined)[];

interface Layout {
  indices: readonly number[];
  series: readonly LiveSeries[];
}

export interface Unpacked {
  series: readonly LiveSeries[];
  values: (number | null)[];
}

/** Turns `[ix, value, …]` of one stream into series and values. Frames of the same layout share one series array. */
export class Stream {
  readonly #table: SeriesTable = [];
  #layout: Layout | undefined;

  /** Adds declared series; `resolve` gives each its object, in the order asked for. */
  declare(
    declared: Declaration['series'],
    isRefused: (metric: string) => boolean,
    resolve: (wanted: SeriesIdentity[]) => LiveSeries[],
  ): void {
    const wanted = declared.filter(({ metric, ix }) => !isRefused(metric) && ix < FRAME_LIMITS.seriesPerHost);
    const series = resolve(wanted.map(({ metric, attributes }) => ({ metric, attributes })));
    wanted.forEach(({ ix }, n) => {
      this.#table[ix] = series[n];
    });
    this.#layout = undefined;
  }

  get series(): readonly LiveSeries[] {
    return this.#table.filter((each) => each !== undefined);
  }

  unpack(pairs: readonly (number | null)[]): Unpacked {
    const layout = this.#sameLayout(pairs) ?? this.#newLayout(pairs);
    this.#layout = layout;
    const values: (number | null)[] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      if (this.#table[pairs[i] ?? -1]) values.push(pairs[i + 1] ?? null);
    }
    return { series: layout.series, values };
  }

  #sameLayout(pairs: readonly (number | null)[]): Layout | undefined {
    const layout = this.#layout;
    if (layout?.indices.length !== pairs.length / 2) return undefined;
    for (let i = 0; i < pairs.length; i += 2) if (layout.indices[i / 2] !== pairs[i]) return undefined;
    return layout;
  }

  #newLayout(pairs: readonly (number | null)[]): Layout {
    const indices: number[] = [];
    const series: LiveSeries[] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      const ix = pairs[i] ?? -1;
      indices.push(ix);
      const known = this.#table[ix];
      if (known) series.push(known);
    }
    return { indices, series };
  }
}

export interface Stamp {
  /** The agent's wall clock. */
  at: number;
  /** Measured on the link: what to add for appliance time. */
  offsetMs: number;
  receivedAt: number;
  clockIsTrusted: boolean;
}

/** How far ahead a frame may lie before its clock is not believed. */
const AHEAD_MS = 2_000;

/** The time a frame is stored under, and what was added to the host's own. While the appliance's clock is untrusted, nobody is re-stamped. */
export function stampOf({ at, offsetMs, receivedAt, clockIsTrusted }: Stamp): { at: number; offsetMs: number } {
  if (!clockIsTrusted) return { at, offsetMs: 0 };
  const corrected = Math.round(at + offsetMs);
  const stored = corrected > receivedAt + AHEAD_MS ? receivedAt : corrected;
  return { at: stored, offsetMs: stored - at };
}

/** Back-filled: too old to be "now". */
export const isLate = (at: number, receivedAt: number, intervalMs: number): boolean =>
  receivedAt - at > Math.max(2.5 * intervalMs, INTERVAL_MS.watchLease);
