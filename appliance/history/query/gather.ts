import type { Resolution } from '../../../protocol/routes/history.ts';
import type { HistoryEngine } from '../../store/history-engine.ts';
import type { LaneHead } from '../head/lane-head.ts';
import { type RowSet, rowsOfChunk } from '../head/rows.ts';
import type { Skips } from '../skips.ts';
import type { Slices } from '../slices.ts';
import { Buckets, stepsOf } from './buckets.ts';
import { type Gap, Presence } from './gaps.ts';
import { type Grid, gridOf } from './steps.ts';

export interface GatherParts {
  engine: Pick<HistoryEngine, 'chunks'>;
  heads: readonly LaneHead[];
  skips: Skips;
  now: () => number;
}

export interface HostRange {
  hostId: string;
  from: number;
  to: number;
  resolution: 'auto' | Resolution;
}

export interface HostRequest extends HostRange {
  /** Ids of the series that are asked for. */
  wanted: ReadonlySet<number>;
  /** The finest grid of at most so many steps, or one that is given: several hosts in one answer share it. */
  steps: { most: number } | { grid: Grid };
  slices: Slices;
}

/** One host in the steps of a grid. Of a series without a value there is no entry. */
export interface HostSteps {
  grid: Grid;
  /** The coarsest that was read. */
  resolution: Resolution;
  /** How far apart the host's frames are. */
  intervalMs: number;
  series: Map<number, Buckets>;
  gaps: Gap[];
  /** Stretches that came later than they were measured, in order and apart from each other. */
  late: { from: number; to: number }[];
}

const DEFAULT_INTERVAL_MS = 5_000;

/** How far apart the host's rows are that would be read, undefined where there are none: no grid should be finer. */
export function intervalOf(range: HostRange, parts: GatherParts): number | undefined {
  return sourcesOf(range, parts).at(-1)?.intervalMs || undefined;
}

/** Reads one host into a grid, in slices, so that live frames are not held up; fails with the signal's reason. */
export async function gatherHost(request: HostRequest, parts: GatherParts): Promise<HostSteps> {
  const { hostId, from, to, steps, slices } = request;
  const sources = sourcesOf(request, parts);
  const intervalMs = sources.at(-1)?.intervalMs || DEFAULT_INTERVAL_MS;
  const grid = 'grid' in steps ? steps.grid : gridOf({ from, to, most: steps.most, intervalMs });
  const gathered = new Gathered(request, grid);
  for (const source of sources) {
    await slices.pause();
    const rows = await source.load();
    if (rows) await gathered.add(rows, slices);
  }
  const until = Math.min(to, parts.now());
  const gaps = gathered.presence.gaps({ from, to: until, intervalMs, skips: parts.skips.of(hostId) });
  return { grid, resolution: 'raw', intervalMs, series: gathered.series, gaps, late: [] };
}

interface RowSource {
  to: number;
  intervalMs: number;
  load(): Promise<RowSet | undefined>;
}

/** What holds rows of the host in the range, taken down at one moment so that no row is missed or counted twice. */
function sourcesOf({ hostId, from, to }: HostRange, { engine, heads }: GatherParts): RowSource[] {
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

class Gathered {
  readonly presence: Presence;
  readonly series = new Map<number, Buckets>();
  readonly #request: HostRequest;
  readonly #grid: Grid;

  constructor(request: HostRequest, grid: Grid) {
    this.#request = request;
    this.#grid = grid;
    this.presence = new Presence(grid);
  }

  async add(set: RowSet, slices: Slices): Promise<void> {
    // Not shared: another query may run between two slices.
    const values = new Float64Array(set.rows);
    set.readTimes(values);
    const steps = stepsOf(values, set.rows, { ...this.#request, grid: this.#grid });
    this.presence.add(values, steps, set.rows);
    for (const [at, id] of set.seriesIds.entries()) {
      if (!this.#request.wanted.has(id)) continue;
      set.readColumn(at, values);
      const buckets = this.series.get(id) ?? new Buckets(this.#grid.count);
      buckets.add(values, steps, set.rows);
      if (!buckets.isEmpty) this.series.set(id, buckets);
      await slices.pause();
    }
  }
}
