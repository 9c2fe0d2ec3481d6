import type { ChunkRef, ChunkStore, Span, Tier } from '../../store/history-engine.ts';
import { TIERS } from '../tiers/tiers.ts';

/** A chunk to read, and the stretches of it for which others stand. */
export interface Read {
  ref: ChunkRef;
  without: readonly Span[];
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
export function planReads({ hostId, from, to, tier }: PlanRequest, chunks: Pick<ChunkStore, 'find'>): Read[] {
  const wanted = TIERS.indexOf(tier);
  const found = TIERS.map((each) => chunks.find({ tier: each, hostId, from, to }));
  const reads = (found[wanted] ?? []).map((ref): Read => ({ ref, without: [] }));
  for (let at = wanted - 1; at >= 0; at--) {
    const missing = (found[at] ?? []).filter((ref) => !reads.some((read) => holds(read.ref, ref)));
    reads.push(...missing.map((ref) => ({ ref, without: [] })));
  }
  for (let at = wanted + 1; at < TIERS.length; at++) {
    const before = [...reads];
    for (const ref of found[at] ?? []) {
      const without = before.filter((read) => holds(ref, read.ref)).map((read) => periodOf(read.ref));
      if (!without.some(([start, end]) => start <= Math.max(from, ref.from) && end >= Math.min(to, ref.to)))
        reads.push({ ref, without });
    }
  }
  return reads;
}

/** Whether the rows of `finer` went into `coarser`. */
function holds({ partition: coarser }: ChunkRef, { partition: finer }: ChunkRef): boolean {
  return (
    coarser.tier !== finer.tier &&
    coarser.lane === finer.lane &&
    finer.through <= coarser.through &&
    finer.from < coarser.from + coarser.spanMs &&
    coarser.from < finer.from + finer.spanMs
  );
}

const periodOf = ({ partition: { from, spanMs } }: ChunkRef): Span => [from, from + spanMs];
