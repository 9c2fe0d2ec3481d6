import type { LiveSeries } from '../../protocol/live.ts';
import { type SeriesIdentity, seriesKey } from '../../protocol/metrics.ts';
import type { HistoryRecord } from '../store/history-engine.ts';
import { SeriesLimitError } from './history.ts';

interface HostSeries {
  byKey: Map<string, LiveSeries>;
  byId: Map<number, LiveSeries>;
  /** Made when asked for. */
  list: readonly LiveSeries[] | undefined;
  byMetric: Map<string, LiveSeries[]> | undefined;
  next: number;
  /** Those that no record holds yet. */
  unsaved: LiveSeries[];
}

/** Over the whole life of a host; one frame has 2,000 at most. */
const MOST_FOR_HOST = 10_000;

/** Of a host as records have it: id, metric and attributes of each series. */
interface SeriesRecord extends HistoryRecord {
  hostId: string;
  series: [number, string, Record<string, string>][];
}

/** By hand, because a fleet has tens of thousands of series and every start reads them all: a schema took a tenth of it. */
const isSeriesRecord = (found: HistoryRecord): found is SeriesRecord =>
  typeof found.hostId === 'string' && Array.isArray(found.series) && found.series.every(isSeries);

const isSeries = (found: unknown): boolean => {
  if (!Array.isArray(found) || found.length !== 3) return false;
  const [id, metric, attributes]: unknown[] = found;
  if (!Number.isSafeInteger(id) || Number(id) < 1 || typeof metric !== 'string') return false;
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) return false;
  return Object.values(attributes).every((value) => typeof value === 'string');
};

function groupedByMetric(all: Iterable<LiveSeries>): Map<string, LiveSeries[]> {
  const grouped = new Map<string, LiveSeries[]>();
  for (const series of all) {
    const same = grouped.get(series.metric);
    if (same) same.push(series);
    else grouped.set(series.metric, [series]);
  }
  return grouped;
}

/** Which integer stands for which series of a host. An id is given once and never again, also after the host was forgotten. */
export class Dictionary {
  readonly #hosts = new Map<string, HostSeries>();
  readonly #changed = new Set<string>();

  /** The series of a host by their names; new ones get the next ids. Equal names give the same object. */
  declare(hostId: string, wanted: readonly SeriesIdentity[]): LiveSeries[] {
    const host = this.#host(hostId);
    if (host.byId.size + wanted.length > MOST_FOR_HOST) this.#checkLimit(host, wanted);
    return wanted.map(({ metric, attributes }) => {
      const known = host.byKey.get(seriesKey({ metric, attributes }));
      return known ?? this.#add(hostId, { id: host.next, metric, attributes: { ...attributes } });
    });
  }

  list(hostId: string): readonly LiveSeries[] {
    const host = this.#hosts.get(hostId);
    if (!host) return [];
    host.list ??= [...host.byId.values()];
    return host.list;
  }

  /** Those of one metric. */
  ofMetric(hostId: string, metric: string): readonly LiveSeries[] {
    const host = this.#hosts.get(hostId);
    if (!host) return [];
    host.byMetric ??= groupedByMetric(host.byId.values());
    return host.byMetric.get(metric) ?? [];
  }

  /** Every host that has a series. */
  hosts(): string[] {
    return [...this.#hosts].filter(([, { byId }]) => byId.size > 0).map(([hostId]) => hostId);
  }

  get(hostId: string, id: number): LiveSeries | undefined {
    return this.#hosts.get(hostId)?.byId.get(id);
  }

  /** Takes in a series as a log or chunk knows it; what is known already stays. */
  learn(hostId: string, series: LiveSeries): LiveSeries {
    return this.get(hostId, series.id) ?? this.#add(hostId, series);
  }

  /** Ids up to here are used up. */
  reserve(hostId: string, through: number): void {
    const host = this.#host(hostId);
    host.next = Math.max(host.next, through + 1);
  }

  nextId(hostId: string): number {
    return this.#hosts.get(hostId)?.next ?? 1;
  }

  load(found: HistoryRecord): void {
    if (!isSeriesRecord(found)) return;
    const { hostId, series } = found;
    for (const [id, metric, attributes] of series) this.learn(hostId, { id, metric, attributes });
    this.#host(hostId).unsaved = [];
    this.#changed.delete(hostId);
  }

  /** Records of what was learnt since the last call of `saved`. */
  unsaved(): HistoryRecord[] {
    return [...this.#changed].map((hostId) => {
      const { unsaved } = this.#host(hostId);
      const series = unsaved.map(({ id, metric, attributes }) => [id, metric, attributes]);
      return { id: `series/${hostId}/${unsaved[0]?.id ?? 0}`, hostId, series };
    });
  }

  /** What `unsaved` answered is durable. */
  saved(records: readonly HistoryRecord[]): void {
    for (const { hostId, series } of records) {
      const host = this.#host(String(hostId));
      host.unsaved = host.unsaved.slice((series as unknown[]).length);
      if (host.unsaved.length === 0) this.#changed.delete(String(hostId));
    }
  }

  /** Forgets the names; ids go on behind the last one. */
  forget(hostId: string): void {
    const next = this.nextId(hostId);
    this.#hosts.delete(hostId);
    this.#changed.delete(hostId);
    this.reserve(hostId, next - 1);
  }

  #checkLimit(host: HostSeries, wanted: readonly SeriesIdentity[]): void {
    const fresh = wanted.filter((each) => !host.byKey.has(seriesKey(each)));
    if (host.byId.size + fresh.length <= MOST_FOR_HOST) return;
    const example = fresh[0] ? seriesKey(fresh[0]) : '';
    throw new SeriesLimitError(
      `This host has ${host.byId.size} series, ${MOST_FOR_HOST} is the most; the next one would be ${example}. ` +
        'Look for a name or attribute that changes all the time.',
    );
  }

  #add(hostId: string, series: LiveSeries): LiveSeries {
    const host = this.#host(hostId);
    host.byId.set(series.id, series);
    host.byKey.set(seriesKey(series), series);
    host.list = undefined;
    host.byMetric = undefined;
    host.next = Math.max(host.next, series.id + 1);
    host.unsaved.push(series);
    this.#changed.add(hostId);
    return series;
  }

  #host(hostId: string): HostSeries {
    const known = this.#hosts.get(hostId);
    if (known) return known;
    const made: HostSeries = {
      byKey: new Map(),
      byId: new Map(),
      list: undefined,
      byMetric: undefined,
      next: 1,
      unsaved: [],
    };
    this.#hosts.set(hostId, made);
    return made;
  }
}
