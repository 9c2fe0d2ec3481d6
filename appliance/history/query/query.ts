import type { LiveSeries } from '../../../protocol/live.ts';
import { seriesKey } from '../../../protocol/metrics.ts';
import { type Column, RESOLUTIONS, type StepValue } from '../../../protocol/routes/history.ts';
import { inOrder } from '../../in-order.ts';
import type { Dictionary } from '../dictionary.ts';
import {
  type HistoryQuery,
  type HistoryResult,
  type HostPart,
  QueryLimitError,
  type ResultSeries,
} from '../history.ts';
import { Slices } from '../slices.ts';
import type { Buckets } from './buckets.ts';
import { columnOf } from './columns.ts';
import { type Combined, combined } from './combine.ts';
import { type GatherParts, gatherHost, type HostSteps, type Spacing, spacingOf } from './gather.ts';
import { Scratch } from './scratch.ts';
import { SelectorSet } from './selectors.ts';
import { type Grid, gridOf } from './steps.ts';

export interface QueryParts extends GatherParts {
  dictionary: Dictionary;
}

/** Steps × series of one answer: what one may cost in memory, about 30 MB. With very many series there are fewer steps. */
const MOST_CELLS = 1_000_000;
const LEAST_STEPS = 10;
const DEFAULT_INTERVAL_MS = 5_000;
const VALUES: readonly StepValue[] = ['average', 'min', 'max'];

/** See `History.query`. */
export async function queryHistory(query: HistoryQuery, parts: QueryParts): Promise<HistoryResult> {
  const slices = new Slices(query.signal);
  const { wanted, unmatched } = await wantedSeries(query, { dictionary: parts.dictionary, slices });
  const grid = await sharedGrid(query, parts, { wanted, slices });
  const { from, to, resolution = 'auto' } = query;
  const answer = query.aggregate ? new OneOfAll(query, grid) : new EachByItself(query);
  const hosts: HostPart[] = [];
  const shared = {
    from,
    to,
    resolution,
    steps: { grid },
    slices,
    isPlain: isPlain(query),
    scratch: query.room?.scratch ?? new Scratch(),
  };
  for (const hostId of query.hostIds) {
    const ids = wanted.get(hostId) ?? NO_SERIES;
    const host = await gatherHost({ ...shared, hostId, wanted: ids }, parts);
    const { resolution: own, intervalMs, gaps, late } = host;
    hosts.push({ id: hostId, resolution: own, intervalMs, gaps, late });
    await answer.take(hostId, host, { dictionary: parts.dictionary, slices });
  }
  const { first, stepMs, count: steps } = grid;
  const coarsest = Math.max(0, ...hosts.map((host) => RESOLUTIONS.indexOf(host.resolution)));
  const series = await answer.series(slices);
  const shape = { from, to, first, stepMs, steps, resolution: RESOLUTIONS[coarsest] ?? 'raw' };
  return { ...shape, columns: answer.columns, hosts, series, unmatched };
}

/** Least and most are not asked for. */
export const isPlain = ({ aggregate, values = VALUES }: HistoryQuery): boolean =>
  aggregate ? aggregate !== 'min' && aggregate !== 'max' : !values.includes('min') && !values.includes('max');

const NO_SERIES: ReadonlySet<number> = new Set();

interface Wanted {
  /** Ids of series for each host. */
  wanted: ReadonlyMap<string, ReadonlySet<number>>;
  unmatched: readonly string[];
}

async function wantedSeries(
  { hostIds, selectors }: HistoryQuery,
  { dictionary, slices }: { dictionary: Dictionary; slices: Slices },
): Promise<Wanted> {
  const set = selectors && new SelectorSet(selectors);
  const wanted = new Map<string, ReadonlySet<number>>();
  for (const hostId of hostIds) {
    const ids = new Set<number>();
    if (set) for (const metric of set.metrics) addFitting(ids, set, dictionary.ofMetric(hostId, metric));
    else for (const { id } of dictionary.list(hostId)) ids.add(id);
    wanted.set(hostId, ids);
    const pause = slices.pause();
    if (pause) await pause;
  }
  return { wanted, unmatched: set?.unmatched ?? [] };
}

function addFitting(ids: Set<number>, set: SelectorSet, series: readonly LiveSeries[]): void {
  for (const each of series) if (set.fits(each)) ids.add(each.id);
}

interface GridParts {
  wanted: Wanted['wanted'];
  slices: Slices;
}

/**
 * One grid for all hosts: no finer than the fastest of them sends, so that nothing is lost, and for an aggregate no finer than the
 * slowest, so that each host stands behind each step.
 */
async function sharedGrid(query: HistoryQuery, parts: QueryParts, { wanted, slices }: GridParts): Promise<Grid> {
  const { hostIds, from, to, aggregate, maxPoints, resolution = 'auto' } = query;
  const spacings: Spacing[] = [];
  for (const hostId of hostIds) {
    const spacing = spacingOf({ hostId, from, to, resolution }, parts);
    if (spacing) spacings.push(spacing);
    const pause = slices.pause();
    if (pause) await pause;
  }
  const of = aggregate ? Math.max : Math.min;
  const over = (pick: (spacing: Spacing) => number): number =>
    spacings.length === 0 ? DEFAULT_INTERVAL_MS : spacings.map(pick).reduce((a, b) => of(a, b));
  const intervalMs = over((spacing) => spacing.intervalMs);
  const leastMs = over((spacing) => spacing.leastMs);
  const all = [...wanted.values()].reduce((sum, { size }) => sum + size, 0);
  const room = Math.floor(MOST_CELLS / Math.max(1, all));
  if (room < LEAST_STEPS)
    throw new QueryLimitError(`${all} series fit, ${MOST_CELLS / LEAST_STEPS} are the most for one answer`);
  return gridOf({ from, to, most: Math.min(maxPoints, room), intervalMs, leastMs });
}

interface Taking {
  dictionary: Dictionary;
  slices: Slices;
}

/** What becomes of the hosts' series, one host after the other. */
interface Taker {
  readonly columns: readonly Column[];
  take(hostId: string, host: HostSteps, taking: Taking): Promise<void>;
  series(slices: Slices): Promise<ResultSeries[]>;
}

class EachByItself implements Taker {
  readonly columns: readonly StepValue[];
  readonly #rounded: boolean;
  readonly #room: HistoryQuery['room'];
  readonly #series: ResultSeries[] = [];

  constructor({ values = VALUES, rounded = false, room }: HistoryQuery) {
    this.columns = values;
    this.#rounded = rounded;
    this.#room = room;
  }

  async take(hostId: string, host: HostSteps, { dictionary, slices }: Taking): Promise<void> {
    for (const [id, buckets] of inOrder([...host.series], ([id]) => id)) {
      const known = dictionary.get(hostId, id);
      if (!known) continue;
      const { metric, attributes } = known;
      const columns: Float64Array[] = [];
      for (const value of this.columns) columns.push(this.#columnOf(buckets, value));
      this.#series.push({ hostId, id, metric, attributes, columns });
      const pause = slices.pause();
      if (pause) await pause;
    }
  }

  #columnOf(buckets: Buckets, value: StepValue): Float64Array {
    const out = this.#room?.column(buckets.count.length);
    return columnOf(buckets, value, { rounded: this.#rounded, ...(out && { out }) });
  }

  async series(): Promise<ResultSeries[]> {
    return this.#series;
  }
}

class OneOfAll implements Taker {
  readonly columns = ['value', 'hosts'] as const;
  readonly #query: HistoryQuery;
  readonly #grid: Grid;
  readonly #series = new Map<string, { metric: string; attributes: Record<string, string>; all: Combined }>();

  constructor(query: HistoryQuery, grid: Grid) {
    this.#query = query;
    this.#grid = grid;
  }

  async take(hostId: string, host: HostSteps, { dictionary, slices }: Taking): Promise<void> {
    for (const [id, buckets] of host.series) {
      const known = dictionary.get(hostId, id);
      if (!known) continue;
      const key = seriesKey(known);
      const { metric, attributes } = known;
      const all = combined(this.#query.aggregate ?? 'avg', this.#grid.count);
      const series = this.#series.get(key) ?? { metric, attributes, all };
      this.#series.set(key, series);
      series.all.add(buckets);
      await slices.pause();
    }
  }

  /** In the order of their keys. */
  async series(slices: Slices): Promise<ResultSeries[]> {
    const made: ResultSeries[] = [];
    for (const [, { metric, attributes, all }] of [...this.#series].sort(([a], [b]) => (a < b ? -1 : 1))) {
      made.push({ metric, attributes, columns: await all.columns(this.#query.rounded ?? false, slices) });
      await slices.pause();
    }
    return made;
  }
}
