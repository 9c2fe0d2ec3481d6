import type { TariffRule, TariffVersion } from '../../protocol/cost.ts';
import { DAY_MS, HOUR_MS } from '../spans.ts';
import type { LocalParts, Zone } from './zone.ts';

const QUARTER_MS = HOUR_MS / 4;

/** Steps of equal length in which neither price nor day changes: number i begins at `first + i × slotMs`. */
export interface Slots {
  first: number;
  slotMs: number;
  count: number;
}

/** Spot prices of a site, per kWh. */
export interface SpotPrices {
  /** Undefined where none was imported for that moment. */
  at(moment: number): number | undefined;
}

export const NO_SPOT: SpotPrices = { at: () => undefined };

export interface Tariffs {
  versions: readonly TariffVersion[];
  zone: Zone;
  spot: SpotPrices;
  /** Per kWh, where there is no version at all. */
  flat: number;
}

/** What holds in each slot. Prices are without tiers and tax. */
export interface PriceLine extends Slots {
  price: Float64Array;
  /** Index of the version; −1 = the price of the general settings. */
  version: Int16Array;
  /** 1 where a version goes by spot prices and none is known: its own price stands in. */
  isMissing: Uint8Array;
  /** Standing charge that accrues in the slot, without tax. */
  standing: Float64Array;
  /** Number of the billing month: tiers begin anew with each. */
  month: Int32Array;
}

const isWholeHour = (text: string | undefined): boolean => text === undefined || text.endsWith(':00');

/** An hour where everything changes at full hours, else a quarter. Slots cover `from` ≤ time < `to`, which begin and end local days or quarters. */
export function slotsOf({ from, to }: { from: number; to: number }, { versions, zone }: Tariffs): Slots {
  const rules = versions.flatMap((version) => version.rules);
  const areHours =
    rules.every((rule) => isWholeHour(rule.from) && isWholeHour(rule.to)) &&
    versions.every(({ spot }) => spot === undefined) &&
    zone.isWholeHours(from, to) &&
    from % HOUR_MS === 0;
  const slotMs = areHours ? HOUR_MS : QUARTER_MS;
  const first = Math.floor(from / slotMs) * slotMs;
  return { first, slotMs, count: Math.max(0, Math.ceil((to - first) / slotMs)) };
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** Whether a rule holds at a moment; the end of a window belongs to what comes after it. */
export function ruleFits({ months, weekdays, from, to }: TariffRule, at: LocalParts): boolean {
  if (months && !months.includes(at.month)) return false;
  if (weekdays && !weekdays.includes(at.weekday)) return false;
  const begin = from === undefined ? 0 : minutesOf(from);
  const end = to === undefined ? 24 * 60 : minutesOf(to);
  if (begin === end) return true;
  const isAfter = at.minuteOfDay >= begin;
  const isBefore = at.minuteOfDay < end;
  return begin < end ? isAfter && isBefore : isAfter || isBefore;
}

/** The version that holds at each slot; the first holds for the time before it too. */
function versionsOf({ first, slotMs, count }: Slots, { versions, zone }: Tariffs): Int16Array {
  const begins = versions.map(({ from }) => zone.startOfDay(from));
  const chosen = new Int16Array(count).fill(versions.length > 0 ? 0 : -1);
  for (let slot = 0, at = 0; slot < count; slot++) {
    while (at + 1 < begins.length && (begins[at + 1] ?? 0) <= first + slot * slotMs) at++;
    if (versions.length > 0) chosen[slot] = at;
  }
  return chosen;
}

/** Price, version and standing charge of each slot. */
export function priceLine(slots: Slots, tariffs: Tariffs): PriceLine {
  const { first, slotMs, count } = slots;
  const { versions, zone, spot, flat } = tariffs;
  const version = versionsOf(slots, tariffs);
  const price = new Float64Array(count);
  const isMissing = new Uint8Array(count);
  const standing = new Float64Array(count);
  const month = new Int32Array(count);
  let day = { to: Number.NEGATIVE_INFINITY, ms: DAY_MS, monthDays: 30 };
  for (let slot = 0; slot < count; slot++) {
    const at = first + slot * slotMs;
    const parts = zone.partsOf(at);
    if (at >= day.to) {
      const to = zone.dayStart(at, 1);
      const monthDays = new Date(Date.UTC(parts.year, parts.month, 0)).getUTCDate();
      day = { to, ms: to - zone.dayStart(at), monthDays };
    }
    month[slot] = parts.year * 12 + parts.month - 1;
    const held = versions[version[slot] ?? -1];
    if (!held) {
      price[slot] = flat;
      continue;
    }
    const spotPrice = held.spot && spot.at(at);
    if (held.spot && spotPrice === undefined) isMissing[slot] = 1;
    price[slot] =
      held.spot && spotPrice !== undefined
        ? spotPrice * held.spot.factor + held.spot.add
        : (held.rules.find((rule) => ruleFits(rule, parts))?.price ?? held.price);
    // It accrues evenly over the day, be it one of 23, 24 or 25 hours, so that parts of a day add up to it.
    standing[slot] = ((held.standingPerDay + held.standingPerMonth / day.monthDays) * slotMs) / day.ms;
  }
  return { ...slots, price, version, isMissing, standing, month };
}
