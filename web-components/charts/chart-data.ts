import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { live } from '../live/live.ts';
import { type ChartGroup, chartGroups, metricsOf, seriesLabel } from './groups.ts';
import { type HostHistory, readHostHistory } from './host-history.ts';
import { joinLine } from './join.ts';
import type { Line } from './line.ts';
import { type Range, rereadAfterMs, windowOf } from './range.ts';

/** What a chart has room for. */
const POINTS = 600;
/** A long range need not move with every sample: a pixel's worth of time, but at least every five seconds. */
const LEAST_REDRAW_MS = 5_000;
/** Back-filled frames come in a flood: history is read again for them at most this often. */
const REREAD_LATE_MS = 5_000;
const GAP_INTERVALS = 2.5;

export interface Wanted {
  hostId: string;
  /** Comma-separated metric ids. */
  metrics: string;
  range: Range;
  /** The moment at which the chart stands still, undefined while it runs. */
  pausedAt: number | undefined;
  /** How many lines at most. */
  most: number;
}

export interface Shown {
  lines: readonly Line[];
  from: number;
  to: number;
}

type Attributes = Readonly<Record<string, string>> | undefined;

const isSame = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean => {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
};

/** Lines of a host's metrics over a range: history by REST, live values behind it, and history again when the live tail grows long. */
export class ChartData implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #wanted: Wanted | undefined;
  #asked: AbortController | undefined;
  #readAt = 0;
  #lateSeen = 0;
  #drawnAt = Number.NaN;
  #past: HostHistory | undefined;
  #failure: unknown;
  #shown: Shown = { lines: [], from: 0, to: 1 };

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    // Nothing is read before the chart is seen: `show` says when.
  }

  hostDisconnected(): void {
    this.#asked?.abort();
  }

  get failure(): unknown {
    return this.#failure;
  }

  /** The last answer of the history, undefined while it is awaited. */
  get past(): HostHistory | undefined {
    return this.#past;
  }

  /** The chart that stands for the metrics, with the series that the host has now. */
  group({ hostId, metrics, only }: Pick<Wanted, 'hostId' | 'metrics'> & { only?: Attributes }): ChartGroup | undefined {
    const ids = new Set(metricsOf(metrics));
    const series = live()
      .host(hostId)
      .series.filter(({ metric, attributes }) => ids.has(metric) && (only === undefined || isSame(attributes, only)));
    return chartGroups(series, live().descriptors)[0];
  }

  /** Reads what is due and answers with the lines; the same object while nothing that can be seen has changed. */
  show(group: ChartGroup, wanted: Wanted): Shown {
    const isOther = JSON.stringify(wanted) !== JSON.stringify(this.#wanted);
    if (isOther && !this.#isSameData(wanted)) this.#forget();
    this.#wanted = wanted;
    this.#readIfDue(wanted);
    const now = wanted.pausedAt ?? live().fleet.now();
    const { from, to } = windowOf(wanted.range, now);
    const pixelMs = wanted.range.kind === 'live' ? 1 : Math.min(LEAST_REDRAW_MS, (to - from) / POINTS);
    if (!isOther && Math.abs(now - this.#drawnAt) < pixelMs) return this.#shown;
    this.#drawnAt = now;
    this.#shown = { lines: this.#lines(group, wanted, { from, to }), from, to };
    return this.#shown;
  }

  /** Asks the history anew, after a failure. */
  again(): void {
    this.#forget();
    this.#host.requestUpdate();
  }

  #isSameData({ hostId, metrics, range }: Wanted): boolean {
    const before = this.#wanted;
    const isSameRange = JSON.stringify(before?.range) === JSON.stringify(range);
    return before?.hostId === hostId && before.metrics === metrics && isSameRange;
  }

  #forget(): void {
    this.#past = undefined;
    this.#failure = undefined;
    this.#readAt = 0;
    this.#drawnAt = Number.NaN;
  }

  #readIfDue(wanted: Wanted): void {
    const { lateCount } = live().host(wanted.hostId);
    const now = live().fleet.now();
    const age = now - this.#readAt;
    const isDue = this.#readAt === 0 || age > rereadAfterMs(wanted.range);
    const isLate = lateCount !== this.#lateSeen && age > REREAD_LATE_MS;
    const isStill = wanted.pausedAt !== undefined && this.#past !== undefined;
    if (isStill || !(isDue || isLate)) return;
    this.#readAt = now;
    this.#lateSeen = lateCount;
    void this.#read(wanted, windowOf(wanted.range, wanted.pausedAt ?? now));
  }

  async #read({ hostId, metrics }: Wanted, { from, to }: { from: number; to: number }): Promise<void> {
    this.#asked?.abort();
    const asked = new AbortController();
    this.#asked = asked;
    try {
      const query = { hosts: hostId, from: Math.round(from), to: Math.round(to), metrics, maxPoints: POINTS };
      this.#past = await readHostHistory(query, asked.signal);
      this.#failure = undefined;
    } catch (error) {
      if (asked.signal.aborted) return;
      this.#failure = error;
    }
    this.#drawnAt = Number.NaN;
    this.#host.requestUpdate();
  }

  #lines(group: ChartGroup, { hostId, range, most }: Wanted, window: { from: number; to: number }): Line[] {
    const store = live().host(hostId);
    const past = this.#past;
    const intervalMs = past?.intervalMs ?? live().fleet.get(hostId)?.intervalMs ?? 5_000;
    return group.series.slice(0, most).map((series) => {
      const line = { id: String(series.id), label: seriesLabel(series, group) };
      return joinLine(
        line,
        {
          past: past?.series.get(series.id),
          tail: range.kind === 'fixed' ? undefined : store.ring(series.id),
        },
        { ...window, gapMs: intervalMs * GAP_INTERVALS },
      );
    });
  }
}
