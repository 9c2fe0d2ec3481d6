import { seriesKey } from '../../../protocol/metrics.ts';
import type { HistoryAnswer } from '../../../protocol/routes/history.ts';
import type { HistoryEngine } from '../../store/history-engine.ts';
import type { Dictionary } from '../dictionary.ts';
import type { LaneHead } from '../head/lane-head.ts';
import { type RowSet, rowsOfChunk } from '../head/rows.ts';
import type { HistoryQuery } from '../history.ts';
import type { Skips } from '../skips.ts';
import { Slices } from '../slices.ts';
import { Buckets, stepsOf } from './buckets.ts';
import { Presence } from './gaps.ts';
import { type Grid, gridOf } from './steps.ts';

export interface QueryParts {
  engine: Pick<HistoryEngine, 'chunks'>;
  heads: readonly LaneHead[];
  dictionary: Dictionary;
  skips: Skips;
  now: () => number;
}

/** Steps × series of one answer; a host with thousands of series gets fewer steps. */
const MOST_CELLS = 1_000_000;
const LEAST_STEPS = 10;
const DEFAULT_INTERVAL_MS = 5_000;

/** See `History.query`. Reads in slices, so that live frames are not held up; fails with the signal's reason. */
export async function queryHistory(query: HistoryQuery, parts: QueryParts): Promise<HistoryAnswer> {
  const { hostId, from, to } = query;
  const wanted = wantedSeries(query, parts.dictionary);
  const sources = sourcesOf(query, parts);
  const intervalMs = sources.at(-1)?.intervalMs || DEFAULT_INTERVAL_MS;
  const most = Math.max(LEAST_STEPS, Math.min(query.maxPoints, Math.floor(MOST_CELLS / Math.max(1, wanted.size))));
  const grid = gridOf({ from, to, most, intervalMs });
  const gathered = new Gathered({ grid, from, to, wanted });
  const slices = new Slices(query.signal);
  for (const source of sources) {
    await slices.pause();
    const rows = await source.load();
    if (rows) await gathered.add(rows, slices);
  }
  const until = Math.min(to, parts.now());
  return {
    hostId,
    from,
    to,
    stepMs: grid.stepMs,
    resolution: 'raw',
    intervalMs,
    at: Array.from({ length: grid.count }, (_, step) => grid.first + step * grid.stepMs),
    series: await gathered.series(hostId, parts.dictionary, slices),
    gaps: gathered.presence.gaps({ from, to: until, intervalMs, skips: parts.skips.of(hostId) }),
  };
}

/** Ids of the series that are asked for. */
function wantedSeries({ hostId, metrics }: HistoryQuery, dictionary: Dictionary): Set<number> {
  const names = metrics && new Set(metrics);
  const fits = dictionary.list(hostId).filter((each) => !names || names.has(each.metric) || names.has(seriesKey(each)));
  return new Set(fits.map(({ id }) => id));
}

interface RowSource {
  to: number;
  intervalMs: number;
  load(): Promise<RowSet | undefined>;
}

/** What holds rows of the host in the range, taken down at one moment so that no row is missed or counted twice. */
function sourcesOf({ hostId, from, to }: HistoryQuery, { engine, heads }: QueryParts): RowSource[] {
  const sealed = engine.chunks.find({ tier: 'raw', hostId, from, to }).map((ref) => ({
    to: ref.to,
    intervalMs: ref.intervalMs,
    load: async () => {
      const chunk = await engine.chunks.read(ref);
      return chunk && rowsOfChunk(chunk);
    },
  }));
  const open = heads
    .flatMap((head) => head.of(hostId, from, to))
    .flatMap((block) => block.snapshot())
    .map((rows) => ({ to: rows.to, intervalMs: rows.intervalMs, load: async () => rows }));
  return [...sealed, ...open].sort((a, b) => a.to - b.to);
}

interface Target {
  grid: Grid;
  from: number;
  to: number;
  wanted: ReadonlySet<number>;
}

class Gathered {
  readonly presence: Presence;
  readonly #target: Target;
  readonly #buckets = new Map<number, Buckets>();

  constructor(target: Target) {
    this.#target = target;
    this.presence = new Presence(target.grid);
  }

  async add(set: RowSet, slices: Slices): Promise<void> {
    // Not shared: another query may run between two slices.
    const values = new Float64Array(set.rows);
    set.readTimes(values);
    const steps = stepsOf(values, set.rows, this.#target);
    this.presence.add(values, steps, set.rows);
    for (const [at, id] of set.seriesIds.entries()) {
      if (!this.#target.wanted.has(id)) continue;
      set.readColumn(at, values);
      this.#of(id).add(values, steps, set.rows);
      await slices.pause();
    }
  }

  /** Series that have a value in the range, in the order of their ids. */
  async series(hostId: string, dictionary: Dictionary, slices: Slices): Promise<HistoryAnswer['series']> {
    const answer: HistoryAnswer['series'] = [];
    for (const [id, buckets] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      const known = dictionary.get(hostId, id);
      if (!known || buckets.isEmpty) continue;
      answer.push({ id, metric: known.metric, attributes: known.attributes, ...buckets.result() });
      await slices.pause();
    }
    return answer;
  }

  #of(id: number): Buckets {
    const buckets = this.#buckets.get(id) ?? new Buckets(this.#target.grid.count);
    this.#buckets.set(id, buckets);
    return buckets;
  }
}
