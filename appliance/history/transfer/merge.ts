import type { Span } from '../../store/history-engine.ts';
import type { Dictionary } from '../dictionary.ts';
import type { Block, BlockSeries } from './block.ts';
import { type Columns, type TierSet, timesOf } from './sets.ts';

/** Numbers in one line: about 1 MB of text, so that memory stays flat however large the history is. */
const NUMBERS_PER_LINE = 100_000;

interface Source {
  set: TierSet;
  /** Position in the gathered times of each row; −1 for rows that are left out. */
  places: Int32Array;
}

/** Rows of one host and tier out of many places, put in the order of time; two rows of one moment become one. */
export class Merge {
  readonly #sources: Source[] = [];
  readonly #times: number[] = [];
  #late: Span[] = [];
  #intervalMs = 0;

  add(set: TierSet, isWanted: (at: number) => boolean): void {
    const places = new Int32Array(set.rows).fill(-1);
    const before = this.#times.length;
    for (const [row, at] of timesOf(set).entries()) {
      if (isWanted(at)) places[row] = this.#times.push(at) - 1;
    }
    if (this.#times.length === before) return;
    this.#sources.push({ set, places });
    this.#late.push(...set.late);
    this.#intervalMs = set.intervalMs;
  }

  /** The rows as blocks of a bearable size; series without a value are left out. */
  *blocks({ tier, hostId }: Pick<Block, 'tier' | 'hostId'>, dictionary: Dictionary): Iterable<Block> {
    const { times, order } = inOrder(this.#times);
    const columns = this.#columns(order, times.length);
    const width = [...columns.values()].reduce((sum, each) => sum + Object.keys(each).length, 1);
    const most = Math.max(1, Math.floor(NUMBERS_PER_LINE / width));
    for (let from = 0; from < times.length; from += most) {
      const to = Math.min(times.length, from + most);
      const series = [...columns].flatMap(([id, all]): BlockSeries[] => {
        const named = dictionary.get(hostId, id);
        const part = cut(all, from, to);
        return named && !part.values.every(Number.isNaN) ? [{ ...named, ...part }] : [];
      });
      const [first = 0, last = 0] = [times[from], times[to - 1]];
      const late = this.#late.filter(([begin, end]) => begin <= last && end >= first);
      yield { tier, hostId, intervalMs: this.#intervalMs, times: times.slice(from, to), series, late };
    }
  }

  #columns(order: Int32Array, rows: number): Map<number, Columns> {
    const all = new Map<number, Columns>();
    for (const { set, places } of this.#sources) {
      for (const [at, id] of set.seriesIds.entries()) {
        const read = set.read(at);
        const into = all.get(id) ?? empty(read, rows);
        all.set(id, into);
        for (const [row, place] of places.entries()) if (place >= 0) addRow(into, read, { row, to: order[place] ?? 0 });
      }
    }
    return all;
  }
}

/** Each different time once, ascending, and for each gathered row which of them it is. */
function inOrder(gathered: readonly number[]): { times: Float64Array; order: Int32Array } {
  const sorted = Float64Array.from(gathered).sort();
  const times = sorted.filter((at, i) => i === 0 || at !== sorted[i - 1]);
  const places = new Map<number, number>();
  for (const [place, at] of times.entries()) places.set(at, place);
  return { times, order: Int32Array.from(gathered, (at) => places.get(at) ?? 0) };
}

function empty(like: Columns, rows: number): Columns {
  const make = () => new Float64Array(rows).fill(Number.NaN);
  return like.count ? { values: make(), count: new Float64Array(rows), min: make(), max: make() } : { values: make() };
}

/** Parts of a tier that overlap add up: mean by counts, least of the least, most of the most. */
function addRow(into: Columns, from: Columns, { row, to }: { row: number; to: number }): void {
  const value = from.values[row] ?? Number.NaN;
  const [many = 0, before = 0] = [from.count?.[row], into.count?.[to]];
  if (!into.count || !into.min || !into.max) {
    if (!Number.isNaN(value)) into.values[to] = value;
    return;
  }
  if (many === 0) return;
  const known = into.values[to] ?? value;
  into.values[to] = before === 0 ? value : (known * before + value * many) / (before + many);
  into.count[to] = before + many;
  into.min[to] = before === 0 ? (from.min?.[row] ?? value) : Math.min(into.min[to] ?? value, from.min?.[row] ?? value);
  into.max[to] = before === 0 ? (from.max?.[row] ?? value) : Math.max(into.max[to] ?? value, from.max?.[row] ?? value);
}

function cut({ values, count, min, max }: Columns, from: number, to: number): Columns {
  const part = (column: Float64Array) => column.slice(from, to);
  if (!count || !min || !max) return { values: part(values) };
  return { values: part(values), count: part(count), min: part(min), max: part(max) };
}
