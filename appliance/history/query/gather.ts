import type { Resolution } from '../../../protocol/routes/history.ts';
import { inOrder } from '../../in-order.ts';
import type { Span, Tier } from '../../store/history-engine.ts';
import type { Block } from '../head/block.ts';
import type { LaneHead } from '../head/lane-head.ts';
import { mergeSpans } from '../head/late.ts';
import type { RowSet } from '../head/rows.ts';
import type { Skips } from '../skips.ts';
import type { Slices } from '../slices.ts';
import { type AnySet, isRolled, type RolledSet } from '../tiers/rolled-set.ts';
import { stepOf, TIERS } from '../tiers/tiers.ts';
import { type Buckets, fillSteps } from './buckets.ts';
import type { CachedChunks } from './cached-chunks.ts';
import type { Gap, Presence } from './gaps.ts';
import type { PlanRequest, Read } from './plan.ts';
import { leaveOut, Scratch } from './scratch.ts';
import { type Grid, gridOf } from './steps.ts';

export interface GatherParts {
  chunks: CachedChunks;
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
  /** Nobody asks for least and most. */
  isPlain?: boolean;
  /** Given from host to host of one query. */
  scratch?: Scratch;
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

const NOTHING: readonly Span[] = [];
const DEFAULT_INTERVAL_MS = 5_000;
/** While a query reads, parts may be folded into one, or a chunk turns out to be damaged: then it is planned anew. */
const MOST_ATTEMPTS = 3;

/** How far apart rows are: the host's frames, and what would be read of them at best. No grid should be finer. */
export interface Spacing {
  intervalMs: number;
  leastMs: number;
}

/** Undefined where there are no rows. */
export function spacingOf(range: HostRange, parts: GatherParts): Spacing | undefined {
  const tier = range.resolution === 'auto' ? 'raw' : range.resolution;
  const { hostId, from, to } = range;
  const { last, leftMs } = parts.chunks.plans.of({ hostId, from, to, tier });
  let latest: { to: number; intervalMs: number } | undefined = last;
  for (const block of blocksOf(range, parts)) if (!latest || block.to >= latest.to) latest = block;
  if (!latest) return undefined;
  const intervalMs = latest.intervalMs || DEFAULT_INTERVAL_MS;
  return { intervalMs, leastMs: Math.max(stepOf(tier), leftMs, intervalMs) };
}

/** Reads one host into a grid, in slices, so that live frames are not held up; fails with the signal's reason. */
export async function gatherHost(request: HostRequest, parts: GatherParts): Promise<HostSteps> {
  const { hostId, from, to, wanted, slices } = request;
  const { chunks } = parts;
  for (let attempt = 1; ; attempt++) {
    const { grid, sources } = choose(request, parts);
    const intervalMs = frameIntervalOf(sources);
    const gathered = new Gathered(request, grid, intervalMs);
    let isStale = false;
    for (const source of sources) {
      const pause = slices.pause();
      if (pause) await pause;
      const set =
        'ref' in source ? (chunks.kept(source.ref, wanted) ?? (await chunks.load(source.ref, wanted))) : source;
      const adding = set && gathered.add(set, 'ref' in source ? source.without : NOTHING);
      if (adding) await adding;
      isStale ||= !set;
    }
    if (isStale && attempt < MOST_ATTEMPTS) continue;
    const until = Math.min(to, parts.now());
    const gaps = gathered.presence.gaps({ from, to: until, intervalMs, skips: parts.skips.of(hostId) });
    const late = mergeSpans(gathered.late, Math.max(intervalMs * 2.5, grid.stepMs));
    return {
      grid,
      resolution: tierOfStep(gathered.coarsestMs),
      intervalMs,
      series: gathered.series,
      gaps,
      late: late.map(([start, end]) => ({ from: Math.max(start, from), to: Math.min(end, to) })),
    };
  }
}

/** The coarsest tier whose steps make up those of the grid, and what is to be read for it. */
function choose(request: HostRequest, parts: GatherParts): { grid: Grid; sources: RowSource[] } {
  const { from, to, steps, resolution } = request;
  const spacing = 'grid' in steps ? undefined : spacingOf(request, parts);
  const spaced = spacing ?? { intervalMs: DEFAULT_INTERVAL_MS, leastMs: DEFAULT_INTERVAL_MS };
  const grid = 'grid' in steps ? steps.grid : gridOf({ from, to, most: steps.most, ...spaced });
  const tier = resolution === 'auto' ? tierOfStep(grid.stepMs) : resolution;
  return { grid, sources: sourcesOf({ ...request, tier }, parts) };
}

const tierOfStep = (stepMs: number): Tier =>
  TIERS.findLast((tier) => tier !== 'raw' && stepMs % stepOf(tier) === 0 && stepMs > 0) ?? 'raw';

/** A chunk that is to be read, or rows in memory. */
type RowSource = Read | RowSet;

const frameIntervalOf = (sources: readonly RowSource[]): number => sources.at(-1)?.intervalMs || DEFAULT_INTERVAL_MS;

function blocksOf({ hostId, from, to }: Omit<HostRange, 'resolution'>, { heads }: GatherParts): Block[] {
  const blocks: Block[] = [];
  for (const head of heads) head.find(hostId, { from, to }, blocks);
  return blocks;
}

/** What holds rows of the host in the range, taken down at one moment so that no row is missed or counted twice. */
function sourcesOf(range: PlanRequest & Pick<HostRequest, 'wanted'>, parts: GatherParts): RowSource[] {
  const sources: RowSource[] = [...parts.chunks.plans.of(range).reads];
  for (const block of blocksOf(range, parts)) {
    for (const rows of block.snapshot(range.wanted))
      if (rows.to >= range.from && rows.from < range.to) sources.push(rows);
  }
  return inOrder(sources, ({ to }) => to);
}

/** So few are looked up in each set of rows, and take no time that others have to wait for. */
const FEW_SERIES = 4;

class Gathered {
  readonly presence: Presence;
  readonly series = new Map<number, Buckets>();
  readonly late: Span[] = [];
  /** How far apart the rows of the coarsest tier are of which there was one; 0 = only frames. */
  coarsestMs = 0;
  readonly #request: HostRequest;
  readonly #grid: Grid;
  readonly #intervalMs: number;
  readonly #scratch: Scratch;

  constructor(request: HostRequest, grid: Grid, intervalMs: number) {
    this.#request = request;
    this.#grid = grid;
    this.#intervalMs = intervalMs;
    this.#scratch = request.scratch ?? new Scratch();
    this.presence = this.#scratch.begin(grid);
  }

  /** Adds the wanted columns but for rows in `without`; there is nothing to wait for unless it takes longer than a slice. */
  add(set: AnySet, without: readonly Span[]): Promise<void> | undefined {
    if (!this.#begin(set, without)) return undefined;
    const { wanted } = this.#request;
    if (wanted.size > FEW_SERIES) return this.#addFrom(set, 0);
    for (const id of wanted) {
      const at = set.seriesIds.indexOf(id);
      if (at >= 0) this.#addColumn(set, at);
    }
    return undefined;
  }

  #addFrom(set: AnySet, begin: number): Promise<void> | undefined {
    for (let at = begin; at < set.seriesIds.length; at++) {
      if (!this.#request.wanted.has(set.seriesIds[at] ?? 0)) continue;
      this.#addColumn(set, at);
      const pause = this.#request.slices.pause();
      if (pause) return this.#addAfter(pause, set, at + 1);
    }
    return undefined;
  }

  async #addAfter(pause: Promise<void>, set: AnySet, begin: number): Promise<void> {
    await pause;
    await this.#addFrom(set, begin);
  }

  /** Takes up rows whose columns are to be added next; says whether any of them is in the range. */
  #begin(set: AnySet, without: readonly Span[]): boolean {
    const { from, to } = this.#request;
    const { rows } = set;
    this.#scratch.hold(rows);
    const { times, steps } = this.#scratch;
    set.readTimes(times);
    const inside = fillSteps(times, steps, { rows, grid: this.#grid, from, to });
    if (inside - leaveOut(without, rows, this.#scratch) === 0) return false;
    if (isRolled(set)) {
      this.coarsestMs = Math.max(this.coarsestMs, set.stepMs);
      this.#scratch.holdRolled(rows);
    }
    const spanMs = isRolled(set) ? Math.max(0, set.stepMs - this.#intervalMs) : 0;
    this.presence.add(times, steps, { rows, spanMs });
    for (const span of set.late) if (span[0] < to && span[1] >= from) this.late.push(span);
    return true;
  }

  #addColumn(set: AnySet, at: number): void {
    const id = set.seriesIds[at] ?? 0;
    const known = this.series.get(id);
    const buckets = known ?? this.#scratch.buckets(this.#grid.count, !this.#request.isPlain);
    if (isRolled(set)) this.#addRolled(set, at, buckets);
    else {
      const { values, steps } = this.#scratch;
      set.readColumn(at, values);
      buckets.add(values, steps, set.rows);
    }
    if (known) return;
    if (buckets.isEmpty) this.#scratch.giveBack();
    else this.series.set(id, buckets);
  }

  #addRolled(set: RolledSet, at: number, buckets: Buckets): void {
    const { rolled, steps } = this.#scratch;
    if (this.#request.isPlain) set.readMeans(at, rolled);
    else set.readRolled(at, rolled);
    buckets.addRolled(rolled, steps, set.rows);
  }
}
