import type { ChunkRef, ChunkStore, Span, Tier } from '../../store/history-engine.ts';
import { stepOf, TIERS } from '../tiers/tiers.ts';

/** A chunk to read, and the stretches of it for which others stand. */
export interface Read {
  ref: ChunkRef;
  /** Time of its last row, and how far apart the host's frames are. */
  to: number;
  intervalMs: number;
  without: readonly Span[];
  /** It is what is left of a time whose finer rows were dropped: the answer can be no finer. */
  isLeft: boolean;
}

/** What is to be read of one host, in no order. */
export interface Plan {
  reads: readonly Read[];
  /** That with the latest row. */
  last: Read | undefined;
  /** How far apart the rows are of the coarsest that is left of a time; 0 = there is none. */
  leftMs: number;
}

export interface PlanRequest {
  hostId: string;
  from: number;
  to: number;
  tier: Tier;
}

const NOTHING: readonly Span[] = [];

/** Plans for the lists that the store found; it gives the same lists again until there is something new. */
export class Plans {
  readonly #chunks: Pick<ChunkStore, 'find' | 'partitions'>;
  readonly #made = new WeakMap<readonly ChunkRef[], Map<Tier, Plan>>();

  constructor(chunks: Pick<ChunkStore, 'find' | 'partitions'>) {
    this.#chunks = chunks;
  }

  /**
   * Which chunks of one host hold what a tier says of a stretch of time, each row once: the tier itself, finer ones for what it
   * does not hold yet, coarser ones for what it holds no more. Parts of a lane tell by their last commit what is in them.
   */
  of({ hostId, from, to, tier }: PlanRequest): Plan {
    const find = (each: Tier) => this.#chunks.find({ tier: each, hostId, from, to });
    const key = find('raw');
    const made = this.#made.get(key) ?? new Map<Tier, Plan>();
    this.#made.set(key, made);
    const known = made.get(tier);
    if (known) return known;
    const plan = planOf(planReads({ from, to, tier }, TIERS.map(find), this.#chunks));
    made.set(tier, plan);
    return plan;
  }
}

function planOf(reads: readonly Read[]): Plan {
  let last: Read | undefined;
  let leftMs = 0;
  for (const read of reads) {
    if (!last || read.to >= last.to) last = read;
    if (read.isLeft) leftMs = Math.max(leftMs, stepOf(read.ref.partition.tier));
  }
  return { reads, last, leftMs };
}

function planReads(
  { from, to, tier }: Omit<PlanRequest, 'hostId'>,
  found: readonly (readonly ChunkRef[])[],
  chunks: Pick<ChunkStore, 'partitions'>,
): Read[] {
  const wanted = TIERS.indexOf(tier);
  const reads = (found[wanted] ?? []).map((ref) => readOf(ref));
  for (let at = wanted - 1; at >= 0; at--) {
    const known = reads.length;
    for (const ref of found[at] ?? []) if (!isHeld(ref, reads, known)) reads.push(readOf(ref));
  }
  for (let at = wanted + 1; at < TIERS.length; at++) {
    const before = reads.slice();
    for (const ref of found[at] ?? []) {
      const span = { from: Math.max(from, ref.from), to: Math.min(to, ref.to) };
      if (!leavesAny(ref, before, span)) continue;
      const without = before.filter((read) => standsFor(read.ref, ref)).map((read) => stepsOf(read.ref, ref));
      reads.push({ ...readOf(ref), without, isLeft: span.from < oldestFiner(ref, chunks) });
    }
  }
  return reads;
}

const readOf = (ref: ChunkRef): Read => ({
  ref,
  to: ref.to,
  intervalMs: ref.intervalMs,
  without: NOTHING,
  isLeft: false,
});

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

/** Whether its rows went into one of the first `known` reads. */
function isHeld(ref: ChunkRef, reads: readonly Read[], known: number): boolean {
  for (let at = 0; at < known; at++) {
    const read = reads[at];
    if (read && holds(read.ref, ref)) return true;
  }
  return false;
}

/** Whether what `coarser` says of the time of `finer` is in the finer tier too: late parts alone have only what came late. */
const standsFor = (finer: ChunkRef, coarser: ChunkRef): boolean =>
  meet(coarser, finer) && (finer.partition.isWhole === true || coarser.partition.through >= finer.partition.through);

/** Whether a part of the stretch lies in the steps of none of those that stand for `coarser`. */
function leavesAny(coarser: ChunkRef, reads: readonly Read[], span: { from: number; to: number }): boolean {
  let reached = span.from;
  // Mostly they are in order, and one round is enough.
  for (let before = -1; before < reached && reached < span.to; ) {
    before = reached;
    for (const { ref } of reads) {
      if (!standsFor(ref, coarser)) continue;
      const [from, to] = stepsOf(ref, coarser);
      if (from <= reached && to > reached) reached = to;
    }
  }
  return reached < span.to;
}

/** The steps of `coarser` that `finer` has rows in. */
function stepsOf(finer: ChunkRef, coarser: ChunkRef): Span {
  const stepMs = stepOf(coarser.partition.tier);
  return [Math.floor(finer.from / stepMs) * stepMs, Math.floor(finer.to / stepMs + 1) * stepMs];
}
