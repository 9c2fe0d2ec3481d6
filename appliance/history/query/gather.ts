import type { Resolution } from '../../../protocol/routes/history.ts';
import type { Span, Tier } from '../../store/history-engine.ts';
import type { Block } from '../head/block.ts';
import type { LaneHead } from '../head/lane-head.ts';
import { mergeSpans } from '../head/late.ts';
import type { Skips } from '../skips.ts';
import type { Slices } from '../slices.ts';
import { type AnySet, isRolled } from '../tiers/rolled-set.ts';
import { stepOf, TIERS } from '../tiers/tiers.ts';
import { Buckets, fillSteps } from './buckets.ts';
import type { CachedChunks } from './cached-chunks.ts';
import type { Gap, Presence } from './gaps.ts';
import { type PlanRequest, planReads } from './plan.ts';
import { Scratch } from './scratch.ts';
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
  const found = [...sealedOf({ ...range, tier }, parts), ...blocksOf(range, parts)].sort((a, b) => a.to - b.to);
  if (found.length === 0) return undefined;
  const intervalMs = frameIntervalOf(found);
  return { intervalMs, leastMs: Math.max(stepOf(tier), intervalMs, coarsestOf(found.filter(isLeftOver))) };
}

/** Reads one host into a grid, in slices, so that live frames are not held up; fails with the signal's reason. */
export async function gatherHost(request: HostRequest, parts: GatherParts): Promise<HostSteps> {
  for (let attempt = 1; ; attempt++) {
    const { grid, sources } = choose(request, parts);
    const intervalMs = frameIntervalOf(sources);
    const gathered = new Gathered(request, grid, intervalMs);
    let isStale = false;
    for (const source of sources) {
      await request.slices.pause();
      const rows = await source.load(request.wanted);
      if (rows) await gathered.add(rows, source.without);
      else isStale = true;
    }
    if (isStale && attempt < MOST_ATTEMPTS) continue;
    const until = Math.min(request.to, parts.now());
    const gaps = gathered.presence.gaps({ ...request, to: until, intervalMs, skips: parts.skips.of(request.hostId) });
    const late = mergeSpans(gathered.late, Math.max(intervalMs * 2.5, grid.stepMs));
    return {
      grid,
      resolution: tierOfStep(gathered.coarsestMs),
      intervalMs,
      series: gathered.series,
      gaps,
      late: late.map(([from, to]) => ({ from: Math.max(from, request.from), to: Math.min(to, request.to) })),
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

interface RowSource {
  to: number;
  intervalMs: number;
  /** How far apart its rows are; 0 = as far as frames. */
  stepMs: number;
  isLeft: boolean;
  without: readonly Span[];
  load(wanted: ReadonlySet<number>): Promise<AnySet | undefined>;
}

type Spaced = Pick<RowSource, 'intervalMs'> & Partial<Pick<RowSource, 'stepMs' | 'isLeft'>>;

const isLeftOver = ({ isLeft = false }: Spaced): boolean => isLeft;

const frameIntervalOf = (sources: readonly Spaced[]): number => sources.at(-1)?.intervalMs || DEFAULT_INTERVAL_MS;

const coarsestOf = (sources: readonly Spaced[]): number =>
  sources.reduce((most, { stepMs = 0 }) => Math.max(most, stepMs), 0);

const sealedOf = (range: PlanRequest, { chunks }: GatherParts): RowSource[] =>
  planReads(range, chunks).map(({ ref, without, isLeft }) => ({
    to: ref.to,
    intervalMs: ref.intervalMs,
    stepMs: stepOf(ref.partition.tier),
    isLeft,
    without,
    load: (wanted) => chunks.load(ref, wanted),
  }));

const blocksOf = ({ hostId, from, to }: Omit<HostRange, 'resolution'>, { heads }: GatherParts): Block[] =>
  heads.flatMap((head) => head.of(hostId, from, to));

/** What holds rows of the host in the range, taken down at one moment so that no row is missed or counted twice. */
function sourcesOf(range: PlanRequest & Pick<HostRequest, 'wanted'>, parts: GatherParts): RowSource[] {
  const open = blocksOf(range, parts)
    .flatMap((block) => block.snapshot(range.wanted))
    .filter((rows) => rows.to >= range.from && rows.from < range.to)
    .map((rows) => ({
      to: rows.to,
      intervalMs: rows.intervalMs,
      stepMs: 0,
      isLeft: false,
      without: [],
      load: async () => rows,
    }));
  return [...sealedOf(range, parts), ...open].sort((a, b) => a.to - b.to);
}

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
    this.presence = this.#scratch.presence(grid);
  }

  async add(set: AnySet, without: readonly Span[]): Promise<void> {
    const { wanted, slices, from, to, isPlain = false } = this.#request;
    const { rows } = set;
    this.#scratch.hold(rows);
    const { times, values, steps } = this.#scratch;
    set.readTimes(times);
    const inside = fillSteps(times, steps, { rows, grid: this.#grid, from, to });
    if (inside - leaveOut(without, rows, this.#scratch) === 0) return;
    if (isRolled(set)) this.coarsestMs = Math.max(this.coarsestMs, set.stepMs);
    const spanMs = isRolled(set) ? Math.max(0, set.stepMs - this.#intervalMs) : 0;
    this.presence.add(times, steps, { rows, spanMs });
    for (const span of set.late) if (span[0] < to && span[1] >= from) this.late.push(span);
    if (isRolled(set)) this.#scratch.holdRolled(rows);
    const { rolled } = this.#scratch;
    for (const [at, id] of set.seriesIds.entries()) {
      if (!wanted.has(id)) continue;
      const buckets = this.series.get(id) ?? new Buckets(this.#grid.count, { hasExtremes: !isPlain });
      if (isRolled(set)) {
        if (isPlain) set.readMeans(at, rolled);
        else set.readRolled(at, rolled);
        buckets.addRolled(rolled, steps, set.rows);
      } else {
        set.readColumn(at, values);
        buckets.add(values, steps, set.rows);
      }
      if (!buckets.isEmpty) this.series.set(id, buckets);
      await slices.pause();
    }
  }
}

/** Takes rows of the spans out; says how many that were inside. */
function leaveOut(without: readonly Span[], rows: number, { times, steps }: Scratch): number {
  let left = 0;
  for (const [from, to] of without) {
    for (let row = 0; row < rows; row++) {
      const at = times[row] ?? 0;
      if (at < from || at >= to || (steps[row] ?? -1) < 0) continue;
      steps[row] = -1;
      left += 1;
    }
  }
  return left;
}
