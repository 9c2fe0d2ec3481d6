import type { CostSeries } from '../../protocol/routes/cost.ts';
import { language, msg } from '../msg.ts';

export interface Bar {
  group: number;
  from: number;
  to: number;
}

export interface Stack {
  groups: { name: string; values: number[] }[];
  /** For each step what stands on what. */
  bars: Bar[][];
  low: number;
  high: number;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Groups in the order of what they come to, with all beyond `most` as one; gains hang below zero. */
export function stacksOf({ groups, at }: CostSeries, unit: 'cost' | 'kwh', most: number): Stack {
  const all = groups
    .map((group) => ({ name: group.name === '' ? msg('none') : group.name, values: group[unit] }))
    .filter(({ values }) => values.some((value) => value !== 0))
    .sort((a, b) => Math.abs(sum(b.values)) - Math.abs(sum(a.values)));
  const shown = all.length > most ? all.slice(0, most - 1) : all;
  const rest = all.slice(shown.length);
  if (rest.length > 0) {
    const values = at.map((_, step) => sum(rest.map((group) => group.values[step] ?? 0)));
    shown.push({ name: msg('{count} others', { count: rest.length }), values });
  }
  let [low, high] = [0, 0];
  const bars = at.map((_, step) => {
    let [above, below] = [0, 0];
    const bar = shown.flatMap(({ values }, group): Bar[] => {
      const value = values[step] ?? 0;
      if (value === 0) return [];
      const from = value > 0 ? above : below;
      if (value > 0) above += value;
      else below += value;
      return [{ group, from, to: from + value }];
    });
    [low, high] = [Math.min(low, below), Math.max(high, above)];
    return bar;
  });
  return { groups: shown, bars, low, high };
}

/** Round numbers from below the lowest to above the highest, with zero among them. */
export function ticksOf(low: number, high: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [0, 1];
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step);
}

/** A tick of an axis of money, which says its currency elsewhere; those of an hour's fractions of a cent differ, too. */
export const tickText = (tick: number): string =>
  new Intl.NumberFormat(language(), { maximumSignificantDigits: 3 }).format(tick);
