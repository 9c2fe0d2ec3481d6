import type { ChunkRef, ChunkStore, Span, Tier } from '../../store/history-engine.ts';
import { stepOf, TIERS } from '../tiers/tiers.ts';

/** A chunk to read, and the stretches of it for which others stand. */
export interface Read {
  ref: ChunkRef;
  without: readonly Span[];
  /** It is what is left of a time whose finer rows were dropped: the answer can be no finer. */
  isLeft: boolean;
}

export interface PlanRequest {
  hostId: string;
  from: number;
  to: number;
  tier: Tier;
}

/**
 * Which chunks of one host hold what a tier says of a stretch of time, each row once: the tier itself, finer ones for what it
 * does not hold yet, coarser ones for what it holds no more. Parts of a lane tell by their last commit what is in them.
 */
export function planReads(
  { hostId, from, to, tier }: PlanRequest,
  chunks: Pick<ChunkStore, 'find' | 'partitions'>,
): Read[] {
  const wanted = TIERS.indexOf(tier);
  const found = TIERS.map((each) => chunks.find({ tier: each, hostId, from, to }));
  const reads = (found[wanted] ?? []).map(plainRead);
  for (let at = wanted - 1; at >= 0; at--) {
    const missing = (found[at] ?? []).filter((ref) => !reads.some((read) => holds(read.ref, ref)));
    reads.push(...missing.map(plainRead));
  }
  for (let at = wanted + 1; at < TIERS.length; at++) {
    const before = [...reads];
    for (const ref of found[at] ?? []) {
      const without = before.filter((read) => standsFor(read.ref, ref)).map((read) => stepsOf(read.ref, ref));
      const start = Math.max(from, ref.from);
      if (leavesAny(without, start, Math.min(to, ref.to)))
        reads.push({ ref, without, isLeft: start < oldestFiner(ref, chunks) });
    }
  }
  return reads;
}

const plainRead = (ref: ChunkRef): Read => ({ ref, without: [], isLeft: false });

/** Since when there are finer rows of any host in the lane. */
function oldestFiner({ partition: { tier, lane } }: ChunkRef, chunks: Pick<ChunkStore, 'partitions'>): number {
  const finer = TIERS.slice(0, TIERS.indexOf(tier));
  let oldest = Number.POSITIVE_INFINITY;
  for (const each of chunks.partitions())
    if (each.lane === lane && finer.includes(each.tier)) oldest = Math.min(oldest, each.from);
  return oldest;
}

const meet = ({ partition: a }: ChunkRef, { partition: b }: ChunkRef): boolean =>
  a.lane === b.lane && a.from < b.from + b.spanMs && b.from < a.from + a.spanMs;

/** Whether the rows of `finer` went into the tier of `coarser`, of which this is a part. */
const holds = (coarser: ChunkRef, finer: ChunkRef): boolean =>
  meet(coarser, finer) && coarser.partition.through >= finer.partition.through;

/** Whether what `coarser` says of the time of `finer` is in the finer tier too: late parts alone have only what came late. */
const standsFor = (finer: ChunkRef, coarser: ChunkRef): boolean =>
  meet(coarser, finer) && (finer.partition.isWhole === true || coarser.partition.through >= finer.partition.through);

/** Whether a part of the stretch lies in none of the spans. */
function leavesAny(spans: readonly Span[], from: number, to: number): boolean {
  let reached = from;
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (start > reached) return true;
    reached = Math.max(reached, end);
  }
  return reached < to;
}

/** The steps of `coarser` that `finer` has rows in. */
function stepsOf(finer: ChunkRef, coarser: ChunkRef): Span {
  const stepMs = stepOf(coarser.partition.tier);
  return [Math.floor(finer.from / stepMs) * stepMs, Math.floor(finer.to / stepMs + 1) * stepMs];
}
