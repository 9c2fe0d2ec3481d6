import type { TariffVersion } from '../../protocol/cost.ts';
import { type PriceLine, priceLine, type Slots, type Tariffs } from './prices.ts';

/** What one kWh costs in each slot, tiers and tax included; `standing` with tax. */
export interface UnitPrices extends PriceLine {
  unit: Float64Array;
  standing: Float64Array;
  /** Grams per kWh. */
  co2: Float64Array;
}

/** Added to all kWh of a month from the first up to `kwh`: the area under the steps. */
export function tierSum(tiers: TariffVersion['tiers'], kwh: number): number {
  let sum = 0;
  for (const { aboveKwh, add } of tiers) if (kwh > aboveKwh) sum += (kwh - aboveKwh) * add;
  return sum;
}

/** Where no version says otherwise: about the mean of Europe's grids. */
export const DEFAULT_CO2 = 380;

/**
 * What a kWh costs in each slot. `wh` is what the whole site used in each, from the beginning of a month on where there are tiers: a
 * slot in which a tier is crossed has the mean price of its energy, so that what hosts pay adds up to what the site pays.
 */
export function unitPrices(slots: Slots, tariffs: Tariffs, wh: Float64Array): UnitPrices {
  const line = priceLine(slots, tariffs);
  const { versions } = tariffs;
  const unit = new Float64Array(slots.count);
  const co2 = new Float64Array(slots.count).fill(DEFAULT_CO2);
  const standing = new Float64Array(slots.count);
  let used = { month: -1, kwh: 0 };
  for (let slot = 0; slot < slots.count; slot++) {
    const held = versions[line.version[slot] ?? -1];
    const month = line.month[slot] ?? 0;
    if (month !== used.month) used = { month, kwh: 0 };
    const before = used.kwh;
    used.kwh += (wh[slot] ?? 0) / 1_000;
    const tax = 1 + (held?.taxPercent ?? 0) / 100;
    const tiers = held?.tiers ?? [];
    unit[slot] = ((line.price[slot] ?? 0) + tierPrice(tiers, before, used.kwh)) * tax;
    standing[slot] = (line.standing[slot] ?? 0) * tax;
    if (held) co2[slot] = held.co2PerKwh;
  }
  return { ...line, unit, standing, co2 };
}

/** Mean of what tiers add between two readings of the month. */
function tierPrice(tiers: TariffVersion['tiers'], before: number, after: number): number {
  if (tiers.length === 0) return 0;
  if (after > before) return (tierSum(tiers, after) - tierSum(tiers, before)) / (after - before);
  return tiers.reduce((sum, { aboveKwh, add }) => (before >= aboveKwh ? sum + add : sum), 0);
}

/** Energy and its price. */
export interface Sum {
  wh: number;
  cost: number;
  co2: number;
}

export const NOTHING_USED: Sum = { wh: 0, cost: 0, co2: 0 };

export const plus = (a: Sum, b: Sum): Sum => ({ wh: a.wh + b.wh, cost: a.cost + b.cost, co2: a.co2 + b.co2 });

/** What energy in the slots `from` ≤ number < `to` costs. `co2` in grams. */
export function sumOf(
  wh: Float64Array,
  { unit, co2 }: Pick<UnitPrices, 'unit' | 'co2'>,
  { from, to }: { from: number; to: number },
): Sum {
  let [energy, cost, grams] = [0, 0, 0];
  for (let slot = from; slot < to; slot++) {
    const used = wh[slot] ?? 0;
    energy += used;
    cost += (used / 1_000) * (unit[slot] ?? 0);
    grams += (used / 1_000) * (co2[slot] ?? 0);
  }
  return { wh: energy, cost, co2: grams };
}

/** Standing charge, tax included, of the slots `from` ≤ number < `to`. */
export function standingOf(
  { standing }: Pick<UnitPrices, 'standing'>,
  { from, to }: { from: number; to: number },
): number {
  let sum = 0;
  for (let slot = from; slot < to; slot++) sum += standing[slot] ?? 0;
  return sum;
}
