import type { LiveSeries } from '../../../protocol/live.ts';
import { graceOf, type Lane, periodOf } from '../lanes.ts';
import { Slices } from '../slices.ts';
import { Block, type Patience } from './block.ts';

/** Rows of periods that are over wait for more of their kind, up to this many values, so that back-filling makes few files. */
const MOST_LATE_VALUES = 4_000_000;

/** One period's blocks on their way into a partition, with every row of the commits up to `through`. */
export interface Outgoing {
  period: number;
  through: number;
  blocks: readonly Block[];
}

export interface NewRow {
  hostId: string;
  at: number;
  intervalMs: number;
  late: boolean;
  series: readonly LiveSeries[];
  values: ArrayLike<number | null>;
  /** Number of the commit that holds it. */
  commit: number;
}

/** The rows of one lane that are in no partition yet. */
export class LaneHead {
  readonly lane: Lane;
  readonly #periods = new Map<number, Map<string, Block>>();
  readonly #outgoing = new Set<Outgoing>();
  readonly #patience: Patience = { waiting: undefined, values: 0 };
  #rows = 0;

  constructor(lane: Lane) {
    this.lane = lane;
  }

  /** Until `catchUp` rows are not packed, so that a start is over sooner. */
  hurry(): void {
    this.#patience.waiting = [];
  }

  /** Packs what `hurry` left, in slices. */
  async catchUp(): Promise<void> {
    const { waiting = [] } = this.#patience;
    this.#patience.waiting = undefined;
    this.#patience.values = 0;
    const slices = new Slices();
    for (const pack of waiting) {
      pack();
      await slices.pause();
    }
  }

  get rows(): number {
    return this.#rows;
  }

  add({ hostId, at, intervalMs, late, series, values, commit }: NewRow, now: number): void {
    const period = periodOf(at, this.lane.spanMs);
    const block = this.#block({ hostId, period, firstCommit: commit, openedAt: now });
    block.intervalMs = intervalMs;
    block.add(at, series, values);
    if (late) block.late.add(at, intervalMs);
    this.#rows += 1;
  }

  /** Blocks of a host that have rows in `from` ≤ time < `to`, added to `found` where it is given. */
  find(hostId: string, { from, to }: { from: number; to: number }, found: Block[] = []): Block[] {
    for (const hosts of this.#periods.values()) {
      const block = hosts.get(hostId);
      if (block && block.from < to && block.to >= from) found.push(block);
    }
    for (const { blocks } of this.#outgoing)
      for (const block of blocks) if (block.hostId === hostId && block.from < to && block.to >= from) found.push(block);
    return found;
  }

  /** Beginnings of the periods that have rows. */
  periods(): number[] {
    return [...this.#periods.keys(), ...[...this.#outgoing].map(({ period }) => period)];
  }

  /** Time of the oldest row. */
  get oldest(): number | undefined {
    let oldest: number | undefined;
    for (const { from } of this.#all()) oldest = Math.min(oldest ?? from, from);
    return oldest;
  }

  /** Commits before this one hold no row that is still in the head. */
  get firstCommit(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { firstCommit } of this.#all()) first = Math.min(first, firstCommit);
    return first;
  }

  /** Whether rows of a stretch that came with commits up to `commit` are still here. */
  hasRowsUpTo(commit: number, { from, to }: { from: number; to: number }): boolean {
    return [...this.#all()].some((block) => block.firstCommit <= commit && block.from < to && block.to >= from);
  }

  /** Whether it is time to seal: a period is over, or late rows have waited long enough or are many. */
  isDue(now: number): boolean {
    const { spanMs } = this.lane;
    let late = 0;
    for (const period of this.#over(now)) {
      const closesAt = period + spanMs + graceOf(spanMs);
      for (const block of this.#periods.get(period)?.values() ?? []) {
        if (block.openedAt < closesAt || now - block.openedAt >= spanMs / 2) return true;
        late += block.size;
      }
    }
    return late > MOST_LATE_VALUES;
  }

  /** Moves the blocks of all periods that are over out of the way of new rows; they are still found by queries. */
  detach(now: number, through: number): void {
    for (const period of this.#over(now)) {
      const blocks = [...(this.#periods.get(period)?.values() ?? [])];
      this.#periods.delete(period);
      this.#outgoing.add({ period, through, blocks });
    }
  }

  /** What was detached and is in no partition yet, oldest first. */
  outgoing(): Outgoing[] {
    return [...this.#outgoing].sort((a, b) => a.period - b.period || a.through - b.through);
  }

  /** The blocks are found in a partition now. */
  placed(group: Outgoing): void {
    this.#outgoing.delete(group);
    for (const { rows } of group.blocks) this.#rows -= rows;
  }

  forget(hostId: string): void {
    for (const block of [...this.#all()]) if (block.hostId === hostId) this.#rows -= block.rows;
    for (const [period, hosts] of this.#periods) {
      hosts.delete(hostId);
      if (hosts.size === 0) this.#periods.delete(period);
    }
    for (const group of this.outgoing()) {
      this.#outgoing.delete(group);
      this.#outgoing.add({ ...group, blocks: group.blocks.filter((block) => block.hostId !== hostId) });
    }
  }

  #over(now: number): number[] {
    const { spanMs } = this.lane;
    return [...this.#periods.keys()].filter((period) => period + spanMs + graceOf(spanMs) <= now);
  }

  *#all(): Iterable<Block> {
    for (const hosts of this.#periods.values()) yield* hosts.values();
    for (const { blocks } of this.#outgoing) yield* blocks;
  }

  #block(origin: { hostId: string; period: number; firstCommit: number; openedAt: number }): Block {
    const hosts = this.#periods.get(origin.period);
    const known = hosts?.get(origin.hostId);
    if (known) return known;
    const block = new Block(origin, this.#patience);
    if (hosts) hosts.set(origin.hostId, block);
    else this.#periods.set(origin.period, new Map([[origin.hostId, block]]));
    return block;
  }
}
