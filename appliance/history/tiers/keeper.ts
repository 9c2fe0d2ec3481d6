import type { HistoryEngine, Partition, Tier } from '../../store/history-engine.ts';
import { graceOf, IMPORTED, LANES, type Lane, periodOf } from '../lanes.ts';
import type { HistoryLimits } from '../limits.ts';
import { type PartParts, type Target, writePart } from './parts.ts';
import { coveredThrough, DAY, FOLDS_MS, isOwnMinutes, keepOf, minutesOf, type RolledTier, TIERS } from './tiers.ts';

export interface KeeperOptions extends PartParts {
  engine: Pick<HistoryEngine, 'bytes' | 'chunks'>;
  limits: () => HistoryLimits;
  /** Whether rows of a lane and stretch that came with commits up to `through` lie in no partition yet. */
  hasOpenRows: (lane: string, span: { from: number; to: number }, through: number) => boolean;
}

const ALL: readonly Lane[] = [...LANES, ...IMPORTED];

/** Folding makes nothing safer, only smaller: it waits until there is something to gain. */
const FOLD_EVERY_MS = 3_600_000;
/** What is dropped for the budget makes this much room beyond it, so that it is not done again at once. */
const BUDGET_ROOM = 0.95;

/**
 * Makes coarser tiers out of finer ones, and drops what is too old or too much. Parts of a tier add up; a part says up to which
 * commit of its lane it holds the rows of its period, so after a crash at any step nothing is made twice and nothing is left
 * out. Only what lies in sealed partitions is looked at. Fails with `StorageError`, and goes on where it was the next time.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  #foldedAt = Number.NEGATIVE_INFINITY;
  #now = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /**
   * Everything that is due at `now`, for which all lanes have been sealed: with a later time a day would count as complete
   * whose last rows are still open. Nothing is dropped before what is made from it is durable.
   */
  async tend(now: number): Promise<void> {
    this.#now = now;
    for (const lane of ALL) {
      if (!isOwnMinutes(lane)) await this.#roll('1m', lane, { spanMs: lane.spanMs, isDue: () => true });
      await this.#roll('1h', lane, { spanMs: DAY, isDue: (day) => this.#isOver(day + DAY, lane) });
      await this.#age(lane);
    }
    await this.#shrink();
    if (Math.abs(now - this.#foldedAt) < FOLD_EVERY_MS) return;
    for (const lane of ALL) await this.#fold(lane);
    this.#foldedAt = now;
  }

  #of(tier: Tier, lane: Lane): Partition[] {
    return this.#options.chunks.partitions().filter((each) => each.tier === tier && each.lane === lane.name);
  }

  /** All periods up to `at` are sealed. */
  #isOver(at: number, { spanMs }: Lane): boolean {
    return this.#now >= at + graceOf(spanMs);
  }

  /** Makes what a tier does not hold yet, for each span that is due. */
  async #roll(tier: RolledTier, lane: Lane, due: { spanMs: number; isDue: (from: number) => boolean }): Promise<void> {
    const { spanMs, isDue } = due;
    const source = tier === '1m' ? 'raw' : minutesOf(lane);
    const made = this.#of(tier, lane);
    for (const [from, partitions] of bySpan(this.#of(source, lane), spanMs)) {
      const through = coveredThrough(made, { from, to: from + spanMs });
      const missing = partitions.filter((each) => each.through > through);
      if (missing.length > 0 && isDue(from)) await this.#write({ tier, lane: lane.name, from, spanMs }, missing);
    }
  }

  /** A part says that all rows up to its last commit are in it: it is not made while some of them are still open. */
  async #write(target: Target, sources: readonly Partition[]): Promise<void> {
    const through = Math.max(...sources.map((each) => each.through));
    const span = { from: target.from, to: target.from + target.spanMs };
    if (this.#options.hasOpenRows(target.lane, span, through)) return;
    await writePart(target, sources, this.#options);
  }

  /** Drops what each tier need not keep any more. */
  async #age(lane: Lane): Promise<void> {
    for (const tier of TIERS) {
      const before = this.#now - keepOf(tier, lane, this.#options.limits());
      const old = this.#of(tier, lane).filter((each) => endOf(each, lane) <= before);
      await this.#drop(tier, lane, old);
    }
  }

  /** 5 minutes are made of a day when its minutes are about to go. What nothing could be made of yet stays; answers how many went. */
  async #drop(tier: Tier, lane: Lane, partitions: readonly Partition[]): Promise<number> {
    if (partitions.length === 0) return 0;
    if (tier === minutesOf(lane)) {
      const days = new Set(partitions.map(({ from }) => periodOf(from, DAY)));
      await this.#roll('5m', lane, { spanMs: DAY, isDue: (day) => days.has(day) });
      await this.#roll('1h', lane, { spanMs: DAY, isDue: (day) => days.has(day) });
    }
    const heirs = tier === minutesOf(lane) ? (['5m', '1h'] as const) : tier === 'raw' ? (['1m'] as const) : [];
    const isMade = (each: Partition) => heirs.every((heir) => this.#holds(heir, lane, each));
    const gone = partitions.filter(isMade);
    await this.#options.chunks.drop(gone.map(({ id }) => id));
    return gone.length;
  }

  #holds(tier: Tier, lane: Lane, { from, spanMs, through }: Partition): boolean {
    return through <= coveredThrough(this.#of(tier, lane), { from, to: from + spanMs });
  }

  /** While there is more than the budget, the finest and oldest goes. */
  async #shrink(): Promise<void> {
    const { engine, limits } = this.#options;
    const { budgetBytes } = limits();
    if (engine.bytes() <= budgetBytes) return;
    for (const tier of TIERS) {
      for (;;) {
        if (engine.bytes() <= budgetBytes * BUDGET_ROOM) return;
        const oldest = this.#oldest(tier);
        if (!oldest) break;
        if ((await this.#drop(tier, oldest.lane, oldest.partitions)) === 0) break;
      }
    }
  }

  /** The oldest group of a tier that is dropped together. */
  #oldest(tier: Tier): { lane: Lane; partitions: Partition[]; end: number } | undefined {
    const groups = ALL.flatMap((lane) =>
      [...byEnd(this.#of(tier, lane), lane)].map(([end, partitions]) => ({ lane, partitions, end })),
    );
    const complete = groups.filter(({ end, lane }) => this.#isOver(end, lane));
    return complete.sort((a, b) => a.end - b.end)[0];
  }

  /** Joins the parts of longer spans that are over. */
  async #fold(lane: Lane): Promise<void> {
    for (const tier of ['1m', '5m', '1h'] as const) {
      for (const spanMs of FOLDS_MS[tier]) await this.#foldInto(spanMs, tier, lane);
    }
  }

  async #foldInto(spanMs: number, tier: RolledTier, lane: Lane): Promise<void> {
    const small = this.#of(tier, lane).filter((each) => each.spanMs <= spanMs);
    for (const [from, partitions] of bySpan(small, spanMs)) {
      if (partitions.length < 2 || !this.#isComplete(tier, lane, { from, to: from + spanMs })) continue;
      if (TIERS.slice(TIERS.indexOf(tier) + 1).every((coarser) => this.#isOfOneKind(partitions, coarser, lane)))
        await this.#write({ tier, lane: lane.name, from, spanMs, isWhole: true }, partitions);
    }
  }

  /** Nothing but late rows will come to the span any more. */
  #isComplete(tier: RolledTier, lane: Lane, { from, to }: { from: number; to: number }): boolean {
    if (!this.#isOver(to, lane)) return false;
    // 5 minutes are made of a day when its minutes go.
    return tier !== '5m' || coveredThrough(this.#of(minutesOf(lane), lane), { from, to }) === 0;
  }

  /** What a coarser tier holds and what it does not must stay apart, or it would be made twice. */
  #isOfOneKind(partitions: readonly Partition[], coarser: Tier, lane: Lane): boolean {
    const held = partitions.filter((each) => this.#holds(coarser, lane, each));
    return held.length === 0 || held.length === partitions.length;
  }
}

/** Partitions by the beginning of the span that they lie in, oldest first. */
function bySpan(partitions: readonly Partition[], spanMs: number): Map<number, Partition[]> {
  return grouped(partitions, ({ from }) => periodOf(from, spanMs));
}

/** Minutes go day by day, because 5 minutes are made from whole days. */
const endOf = ({ tier, from, spanMs }: Partition, lane: Lane): number =>
  tier === minutesOf(lane) ? periodOf(from, DAY) + DAY : from + spanMs;

const byEnd = (partitions: readonly Partition[], lane: Lane): Map<number, Partition[]> =>
  grouped(partitions, (each) => endOf(each, lane));

function grouped(partitions: readonly Partition[], keyOf: (each: Partition) => number): Map<number, Partition[]> {
  const groups = new Map<number, Partition[]>();
  for (const each of [...partitions].sort((a, b) => a.from - b.from || a.through - b.through)) {
    const group = groups.get(keyOf(each)) ?? [];
    group.push(each);
    groups.set(keyOf(each), group);
  }
  return groups;
}
