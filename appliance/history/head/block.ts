import type { LiveSeries } from '../../../protocol/live.ts';
import { decodeColumn, type Even, encodeColumn, evenOf } from '../codec/column.ts';
import { Hours } from './hours.ts';
import { Late } from './late.ts';
import type { RowSet } from './rows.ts';

/** Rows that wait uncompressed; then they are packed, so that an open day of fifty hosts fits into a few megabytes. */
const MOST_OPEN_ROWS = 128;
const LEAST_OPEN_ROWS = 16;
/** Packing this many values takes a slice of the main thread. */
const VALUES_AT_ONCE = 40_000;

/** What packing may wait for; see `LaneHead.hurry`. */
export interface Patience {
  /** Packing that waits; undefined while it is done at once. */
  waiting: (() => void)[] | undefined;
  /** How many values wait. */
  values: number;
}

/** So many values wait in 8 MB. */
const MOST_WAITING = 1_000_000;

interface Packed {
  rows: number;
  times: Uint8Array;
  columns: readonly Uint8Array[];
}

/** The open rows of one host and period, in the order they came. */
export class Block {
  readonly hostId: string;
  readonly period: number;
  /** Number of the commit that holds the first row; what is before it in the log is not needed for this block. */
  readonly firstCommit: number;
  readonly openedAt: number;
  intervalMs = 0;
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  rows = 0;
  /** Ids of the series in the order of the columns. */
  readonly seriesIds: number[] = [];
  /** Which of the rows came late. */
  readonly late = new Late();
  readonly #slots = new Map<number, number>();
  #layout: { series: readonly LiveSeries[]; slots: Int32Array } | undefined;
  /** Rows that were packed; they change no more. */
  readonly #runs: RowSet[] = [];
  #times = new Float64Array(MOST_OPEN_ROWS);
  /** Column after column, each with room for the most rows: a chart asks for few of them. */
  #values = new Float64Array(0);
  #width = 0;
  /** The series that the open rows have room for. */
  #wide: readonly number[] = [];
  #open = 0;
  /** The rows as they were shown last, while no other came; `#times` and `#values` are theirs too. */
  #shown: RowSet[] | undefined;
  #areShared = false;
  #hours: Hours | undefined;
  readonly #patience: Patience;

  constructor(origin: { hostId: string; period: number; firstCommit: number; openedAt: number }, patience: Patience) {
    this.#patience = patience;
    this.hostId = origin.hostId;
    this.period = origin.period;
    this.firstCommit = origin.firstCommit;
    this.openedAt = origin.openedAt;
  }

  /** Adds a row; null, NaN and infinities are gaps. `values[i]` belongs to `series[i]`. */
  add(at: number, series: readonly LiveSeries[], values: ArrayLike<number | null>): void {
    const slots = this.#slotsOf(series);
    this.#shown = undefined;
    for (let i = 0; i < slots.length; i++) {
      const value = values[i];
      if (typeof value === 'number' && Number.isFinite(value))
        this.#values[(slots[i] ?? 0) * MOST_OPEN_ROWS + this.#open] = value;
    }
    this.#times[this.#open] = at;
    this.#open += 1;
    this.rows += 1;
    if (at < this.from) this.from = at;
    if (at > this.to) this.to = at;
    if (this.#open === this.#mostOpen()) this.#pack();
  }

  /** How many values the rows have room for; a measure of memory. */
  get size(): number {
    return this.rows * this.seriesIds.length;
  }

  /** The rows as they are now; later rows do not show. */
  snapshot(): readonly RowSet[] {
    this.#shown ??= this.#open > 0 ? [...this.#runs, this.#rowsOfOpen()] : [...this.#runs];
    return this.#shown;
  }

  /** The same, with the rows that are packed by the hour. */
  hourly(): readonly (RowSet | Hours)[] {
    if (this.#runs.length === 0) return this.snapshot();
    this.#hours ??= new Hours(this.#runs.slice());
    return [this.#hours, ...this.snapshot().slice(this.#runs.length)];
  }

  #mostOpen(): number {
    const fitting = Math.floor(VALUES_AT_ONCE / Math.max(1, this.#width));
    return Math.max(LEAST_OPEN_ROWS, Math.min(MOST_OPEN_ROWS, fitting));
  }

  #slotsOf(series: readonly LiveSeries[]): Int32Array {
    if (this.#layout?.series === series) return this.#layout.slots;
    const slots = Int32Array.from(series, ({ id }) => this.#slotOf(id));
    this.#widen();
    this.#layout = { series, slots };
    return slots;
  }

  #slotOf(id: number): number {
    const known = this.#slots.get(id);
    if (known !== undefined) return known;
    const slot = this.seriesIds.length;
    this.seriesIds.push(id);
    this.#slots.set(id, slot);
    return slot;
  }

  /** New series came: rows get wider, those that are there have gaps in the new columns. */
  #widen(): void {
    const width = this.seriesIds.length;
    if (width === this.#width) return;
    if (this.#open >= Math.max(LEAST_OPEN_ROWS, Math.floor(VALUES_AT_ONCE / width))) this.#pack();
    const values = new Float64Array(MOST_OPEN_ROWS * width).fill(Number.NaN, this.#values.length);
    values.set(this.#values);
    this.#values = values;
    this.#width = width;
    this.#wide = this.seriesIds.slice();
  }

  #pack(): void {
    const [times, values, wide, rows] = [this.#times, this.#values, this.#wide, this.#open];
    const pack = (): RowSet =>
      this.#rowsOfRun(packed(times, values, { rows, width: wide.length }), wide, rangeOf(times, rows));
    const size = rows * wide.length;
    const { waiting } = this.#patience;
    if (waiting && this.#patience.values + size <= MOST_WAITING) {
      this.#patience.values += size;
      const at = this.#runs.push(this.#rowsOfOpen()) - 1;
      waiting.push(() => {
        this.#runs[at] = pack();
        this.#hours = undefined;
        this.#shown = undefined;
      });
    } else this.#runs.push(pack());
    this.#hours = undefined;
    this.#shown = undefined;
    this.#open = 0;
    if (this.#areShared) {
      this.#times = new Float64Array(MOST_OPEN_ROWS);
      this.#values = new Float64Array(this.#values.length);
      this.#areShared = false;
    }
    this.#values.fill(Number.NaN);
  }

  #rowsOfRun({ rows, times, columns }: Packed, wide: readonly number[], range: { from: number; to: number }): RowSet {
    return this.#rowSet({
      ...range,
      rows,
      seriesIds: wide,
      even: evenOf(times),
      readTimes: (out) => decodeColumn(times, rows, out),
      readColumn: (at, out) => {
        const bytes = columns[at];
        if (bytes) decodeColumn(bytes, rows, out);
        else out.fill(Number.NaN, 0, rows);
      },
    });
  }

  /** With what all rows of the block have, as it is when it is asked for. */
  #rowSet(own: Omit<RowSet, 'intervalMs' | 'late'>): RowSet {
    const block = this;
    return {
      ...own,
      get intervalMs() {
        return block.intervalMs;
      },
      get late() {
        return block.late.spans;
      },
    };
  }

  /** Nothing is copied: rows that come later go behind these, and once they are packed, elsewhere. */
  #rowsOfOpen(): RowSet {
    const rows = this.#open;
    const times = this.#times;
    const values = this.#values;
    this.#areShared = true;
    return this.#rowSet({
      ...rangeOf(times, rows),
      rows,
      seriesIds: this.#wide,
      even: evenTimes(times, rows),
      readTimes: (out) => copyRows(times, 0, { rows, out }),
      readColumn: (at, out) => copyRows(values, at * MOST_OPEN_ROWS, { rows, out }),
    });
  }
}

function packed(times: Float64Array, values: Float64Array, { rows, width }: { rows: number; width: number }): Packed {
  const columns: Uint8Array[] = [];
  for (let begin = 0; begin < width * MOST_OPEN_ROWS; begin += MOST_OPEN_ROWS)
    columns.push(encodeColumn(values.subarray(begin, begin + rows), rows, 'quick'));
  return { rows, times: encodeColumn(times, rows, 'quick'), columns };
}

function copyRows(numbers: Float64Array, from: number, { rows, out }: { rows: number; out: Float64Array }): void {
  for (let row = 0; row < rows; row++) out[row] = numbers[from + row] ?? Number.NaN;
}

function evenTimes(times: Float64Array, rows: number): Even | undefined {
  const [first = 0, second = first] = times;
  const step = second - first;
  if (rows < 2 || step <= 0) return undefined;
  for (let row = 2; row < rows; row++) if (times[row] !== first + row * step) return undefined;
  return { first, step };
}

function rangeOf(times: Float64Array, rows: number): { from: number; to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < rows; row++) {
    const at = times[row] ?? 0;
    if (at < from) from = at;
    if (at > to) to = at;
  }
  return { from, to };
}
