import type { Resolution } from '../../../protocol/routes/history.ts';
import { inOrder } from '../../in-order.ts';
import type { Span, Tier } from '../../store/history-engine.ts';
import type { Block } from '../head/block.ts';
import { HOUR_MS, type Hours } from '../head/hours.ts';
import type { LaneHead } from '../head/lane-head.ts';
import { mergeSpans } from '../head/late.ts';
import type { RowSet } from '../head/rows.ts';
import type { Skips } from '../skips.ts';
import { stepOf, TIERS } from '../tiers/tiers.ts';
import { Ahead } from './ahead.ts';
import type { Buckets } from './buckets.ts';
import type { ChunkReader } from './cached-chunks.ts';
import type { Gap } from './gaps.ts';
import { Gathered, type Gathering } from './gathered.ts';
import type { Read } from './plan.ts';
import { type Grid, gridOf } from './steps.ts';

export interface GatherParts {
  chunks: ChunkReader;
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

export interface HostRequest extends HostRange, Gathering {
  /** The finest grid of at most so many steps, or one that is given: several hosts in one answer share it. */
  steps: { most: number } | { grid: Grid };
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
    const ahead = new Ahead(sources, wanted, chunks);
    let isStale = false;
    for (const [at, source] of sources.entries()) {
      const pause = slices.pause();
      if (pause) await pause;
      const set = 'ref' in source ? (chunks.kept(source.ref, wanted) ?? (await ahead.load(at, source.ref))) : source;
      const adding = set && gathered.take(set, 'ref' in source ? source.without : NOTHING);
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
  return { grid, sources: sourcesOf(request, { grid, tier }, parts) };
}

const tierOfStep = (stepMs: number): Tier =>
  TIERS.findLast((tier) => tier !== 'raw' && stepMs % stepOf(tier) === 0 && stepMs > 0) ?? 'raw';

/** A chunk that is to be read, or rows in memory. */
type RowSource = Read | RowSet | Hours;

const frameIntervalOf = (sources: readonly RowSource[]): number => sources.at(-1)?.intervalMs || DEFAULT_INTERVAL_MS;

function blocksOf({ hostId, from, to }: Omit<HostRange, 'resolution'>, { heads }: GatherParts): Block[] {
  const blocks: Block[] = [];
  for (const head of heads) head.find(hostId, { from, to }, blocks);
  return blocks;
}

/** So many series are gathered by the hour in a millisecond or two, where that was not done before. */
const MOST_BY_HOUR = 64;

/** What holds rows of the host in the range, taken down at one moment so that no row is missed or counted twice. */
function sourcesOf(request: HostRequest, { grid, tier }: { grid: Grid; tier: Tier }, parts: GatherParts): RowSource[] {
  const { hostId, from, to, wanted } = request;
  const sources: RowSource[] = [...parts.chunks.plans.of({ hostId, from, to, tier }).reads];
  const areHours = wanted.size <= MOST_BY_HOUR && grid.stepMs % HOUR_MS === 0 && grid.earlyMs === 0;
  for (const block of blocksOf(request, parts)) {
    const isWhole = areHours && block.from >= from && block.to < to;
    for (const rows of isWhole ? block.hourly() : block.snapshot())
      if (rows.to >= from && rows.from < to) sources.push(rows);
  }
  return inOrder(sources, ({ to: until }) => until);
}
