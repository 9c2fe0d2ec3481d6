import type { Span } from '../../store/history-engine.ts';
import { HOUR_MS, Hours } from '../head/hours.ts';
import type { Slices } from '../slices.ts';
import { type AnySet, isRolled, type RolledSet } from '../tiers/rolled-set.ts';
import { type Buckets, fillRun, fillSteps, type Run, runOf } from './buckets.ts';
import { Presence } from './gaps.ts';
import { leaveOut, Scratch } from './scratch.ts';
import type { Grid } from './steps.ts';

/** So few are looked up in each set of rows, and take no time that others have to wait for. */
const FEW_SERIES = 4;

export interface Gathering {
  /** Rows with `from` ≤ time < `to`. */
  from: number;
  to: number;
  /** Ids of the series that are asked for. */
  wanted: ReadonlySet<number>;
  slices: Slices;
  /** Nobody asks for least and most. */
  isPlain?: boolean;
  /** Given from host to host of one query. */
  scratch?: Scratch;
}

/** What one host has in the steps of a grid, as sets of its rows are added. */
export class Gathered {
  readonly presence: Presence;
  readonly series = new Map<number, Buckets>();
  readonly late: Span[] = [];
  /** How far apart the rows of the coarsest tier are of which there was one; 0 = only frames. */
  coarsestMs = 0;
  readonly #request: Gathering;
  readonly #inside: { grid: Grid; from: number; to: number };
  readonly #intervalMs: number;
  readonly #scratch: Scratch;
  /** Of the rows whose columns are added, where they are such; else their steps are in `#scratch`. */
  #run: Run | undefined;

  constructor(request: Gathering, grid: Grid, intervalMs: number) {
    this.#request = request;
    this.#inside = { grid, from: request.from, to: request.to };
    this.#intervalMs = intervalMs;
    this.#scratch = request.scratch ?? new Scratch();
    this.presence = new Presence(intervalMs);
    this.#scratch.begin();
  }

  /** Adds what is wanted of rows, but for those in `without`; there is nothing to wait for unless it takes longer than a slice. */
  take(set: AnySet | Hours, without: readonly Span[]): Promise<void> | undefined {
    return set instanceof Hours ? this.#addHours(set) : this.#add(set, without);
  }

  #add(set: AnySet, without: readonly Span[]): Promise<void> | undefined {
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
    const { rows } = set;
    this.#scratch.hold(rows);
    this.#run = undefined;
    const spanMs = isRolled(set) ? Math.max(0, set.stepMs - this.#intervalMs) : 0;
    const inside = this.#fillEven(set, without, spanMs) ?? this.#fill(set, without, spanMs);
    if (inside === 0) return false;
    if (isRolled(set)) {
      this.coarsestMs = Math.max(this.coarsestMs, set.stepMs);
      this.#scratch.holdRolled(rows);
      if (this.#run && !this.#request.isPlain) fillRun(this.#scratch.steps, rows, this.#run);
    }
    this.#addLate(set.late);
    return true;
  }

  /** Finds the step of each row; says how many are inside. */
  #fill(set: AnySet, without: readonly Span[], spanMs: number): number {
    const { rows } = set;
    const { times, steps } = this.#scratch;
    set.readTimes(times);
    const inside = fillSteps(times, steps, { rows, ...this.#inside });
    const left = leaveOut(without, rows, this.#scratch);
    this.presence.add(times, steps, { rows, spanMs });
    return inside - left;
  }

  /** The same where it can be said without looking at each time: rows as far apart as steps, none missing between. */
  #fillEven({ even, rows }: AnySet, without: readonly Span[], spanMs: number): number | undefined {
    if (!even || without.length > 0 || !this.presence.isUnbroken(even.step - spanMs)) return undefined;
    const run = runOf(even, rows, this.#inside);
    if (!run) return undefined;
    if (run.rows === 0) return 0;
    this.#run = run;
    const from = even.first + run.row * even.step;
    const to = from + (run.rows - 1) * even.step + spanMs;
    this.presence.addStretch({ from, to, begin: run.step, end: run.step + run.rows - 1 });
    return run.rows;
  }

  #addLate(spans: readonly Span[]): void {
    const { from, to } = this.#inside;
    for (const span of spans) if (span[0] < to && span[1] >= from) this.late.push(span);
  }

  /** Adds rows by the hour; all of them are inside. */
  #addHours(hours: Hours): undefined {
    const { first, count } = hours.grid;
    const { grid } = this.#inside;
    this.#scratch.hold(count);
    const { steps } = this.#scratch;
    for (let hour = 0; hour < count; hour++) {
      const step = Math.floor((first + hour * HOUR_MS - grid.first) / grid.stepMs);
      const from = hours.firstAt[hour] ?? 0;
      const to = hours.lastAt[hour] ?? 0;
      if (from <= to) this.presence.addStretch({ from, to, begin: step, end: step });
      steps[hour] = step;
    }
    for (const id of this.#request.wanted) this.#into(id, (buckets) => buckets.addSteps(hours.of(id), steps));
    this.#addLate(hours.late);
  }

  #addColumn(set: AnySet, at: number): void {
    this.#into(set.seriesIds[at] ?? 0, (buckets) => {
      if (isRolled(set)) return this.#addRolled(set, at, buckets);
      const { values, steps } = this.#scratch;
      set.readColumn(at, values);
      if (this.#run) buckets.addRun(values, this.#run);
      else buckets.add(values, steps, set.rows);
    });
  }

  /** Adds to the buckets of a series; of one without a value there shall be none. */
  #into(id: number, add: (buckets: Buckets) => void): void {
    const known = this.series.get(id);
    const buckets = known ?? this.#scratch.buckets(this.#inside.grid.count, !this.#request.isPlain);
    add(buckets);
    if (known) return;
    if (buckets.isEmpty) this.#scratch.giveBack();
    else this.series.set(id, buckets);
  }

  #addRolled(set: RolledSet, at: number, buckets: Buckets): void {
    const { rolled, steps } = this.#scratch;
    if (!this.#request.isPlain) {
      set.readRolled(at, rolled);
      buckets.addRolled(rolled, steps, set.rows);
    } else if (this.#run) buckets.addMeans(set.means(at, rolled), this.#run);
    else buckets.addRolled({ ...rolled, ...set.means(at, rolled) }, steps, set.rows);
  }
}
