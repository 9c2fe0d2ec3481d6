import { DAY_MS, HOUR_MS } from '../spans.ts';
import { sumOf, unitPrices } from './bill.ts';
import { type Figure, figureOf, slotRange } from './costs.ts';
import { type Slots, slotsOf, type Tariffs } from './prices.ts';
import type { Zone } from './zone.ts';

/** What is used in an hour of the week, W, and how much days differ from each other, as a share of the mean. */
export interface Habit {
  wattsAt(at: number): number;
  spread: number;
  /** Days that it was learnt from. */
  days: number;
}

const WEEKS_MS = 14 * DAY_MS;

/**
 * What a site uses at which hour, out of energy up to now: by hour of the week from two weeks on, by hour of the day from two days on,
 * else the mean. It begins with the first energy there is.
 */
export function habitOf(wh: Float64Array, slots: Slots, { now, zone }: { now: number; zone: Zone }): Habit | undefined {
  const end = Math.min(slots.count, Math.floor((now - slots.first) / slots.slotMs));
  const begin = wh.findIndex((used) => used > 0);
  if (begin < 0 || begin >= end) return undefined;
  const spanMs = (end - begin) * slots.slotMs;
  const keyOf = (at: number): number => {
    const { weekday, minuteOfDay } = zone.partsOf(at);
    const hour = Math.floor(minuteOfDay / 60);
    return spanMs >= WEEKS_MS ? weekday * 24 + hour : spanMs >= 2 * DAY_MS ? hour : 0;
  };
  const sums = new Map<number, { wh: number; ms: number }>();
  const days = new Map<string, number>();
  for (let slot = begin; slot < end; slot++) {
    const at = slots.first + slot * slots.slotMs;
    const sum = sums.get(keyOf(at)) ?? { wh: 0, ms: 0 };
    sum.wh += wh[slot] ?? 0;
    sum.ms += slots.slotMs;
    sums.set(keyOf(at), sum);
    const day = String(Math.floor((at - slots.first) / DAY_MS));
    days.set(day, (days.get(day) ?? 0) + (wh[slot] ?? 0));
  }
  const wattsAt = (at: number): number => {
    const { wh: used, ms } = sums.get(keyOf(at)) ?? { wh: 0, ms: 1 };
    return (used * HOUR_MS) / ms;
  };
  return { wattsAt, spread: spreadOf([...days.values()].slice(0, -1)), days: spanMs / DAY_MS };
}

/** Standard deviation of days as a share of their mean; a fifth where there are too few to say. */
function spreadOf(days: readonly number[]): number {
  if (days.length < 3) return 0.2;
  const mean = days.reduce((a, b) => a + b, 0) / days.length;
  const square = days.reduce((sum, day) => sum + (day - mean) ** 2, 0) / (days.length - 1);
  return mean > 0 ? Math.min(1, Math.sqrt(square) / mean) : 0.2;
}

export interface Projected extends Figure {
  standing: number;
  /** Between which figures the truth lies, standing charge included. */
  low: number;
  high: number;
}

/** What a span will have cost at its end: what was used, and for the rest of it what is usual. */
export function projected(
  { from, to }: { from: number; to: number },
  {
    used,
    slots,
    habit,
    now,
    tariffs,
    uncertainty,
  }: { used: Float64Array; slots: Slots; habit: Habit; now: number; tariffs: Tariffs; uncertainty: number },
): Projected {
  const whole = slotsOf({ from: tariffs.zone.monthStart(from), to }, tariffs);
  const wh = new Float64Array(whole.count);
  for (let slot = 0; slot < whole.count; slot++) {
    const at = whole.first + slot * whole.slotMs;
    const known = (at - slots.first) / slots.slotMs;
    const was = at < now && Number.isInteger(known) ? (used[known] ?? 0) : 0;
    const leftMs = Math.max(0, at + whole.slotMs - Math.max(at, now));
    wh[slot] = was + (leftMs === 0 ? 0 : (habit.wattsAt(at) * leftMs) / HOUR_MS);
  }
  const unit = unitPrices(whole, tariffs, wh);
  const range = slotRange(whole, { from, to });
  const figure = figureOf(sumOf(wh, unit, range));
  let standing = 0;
  for (let slot = range.from; slot < range.to; slot++) standing += unit.standing[slot] ?? 0;
  const soFar = sumOf(wh, unit, slotRange(whole, { from, to: Math.min(to, Math.max(from, now)) })).cost;
  const daysLeft = Math.max(1, (to - Math.max(now, from)) / DAY_MS);
  const restOff = uncertainty + habit.spread / Math.sqrt(Math.min(daysLeft, Math.max(1, habit.days)));
  const off = Math.abs(soFar) * uncertainty + Math.abs(figure.cost - soFar) * restOff;
  return { ...figure, standing, low: figure.cost + standing - off, high: figure.cost + standing + off };
}
