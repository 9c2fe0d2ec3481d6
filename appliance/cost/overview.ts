import type { Host } from '../../protocol/hosts.ts';
import type { CostOverview, HostCost } from '../../protocol/routes/cost.ts';
import { DAY_MS, HOUR_MS } from '../spans.ts';
import { sumOf } from './bill.ts';
import { type Costs, figureIn, figureOf, type Priced, slotRange, totalOf, uncertaintyOf } from './costs.ts';
import { habitOf, projected } from './outlook.ts';
import type { Power } from './power.ts';
import type { HostUse } from './usage.ts';

export interface OverviewParts {
  costs: Costs;
  power: Power;
}

/** Of energy whose source is no more the host's: modelled, as a rule. */
const FORMER: Readonly<Record<string, number>> = {
  model: 0.2,
  rapl: 0.25,
  tdp: 0.5,
  fixed: 0.3,
  ups: 0.1,
  standby: 0.3,
};
const LOOK_BACK_DAYS = 28;

/** How far what a source told may lie off. */
export function shareOff(power: Power): (hostId: string, source: string) => number {
  return (hostId, source) => {
    const now = power.now(hostId);
    return now.source?.id === source && now.uncertainty !== undefined ? now.uncertainty : (FORMER[source] ?? 0.05);
  };
}

/** Everything that the page begins with, of one site. */
export async function overviewOf(siteId: string, { costs, power }: OverviewParts): Promise<CostOverview> {
  const now = costs.parts.now();
  const zone = costs.zoneOf(siteId);
  const tariffs = costs.tariffsOf(siteId);
  const { currency } = costs.parts.general(siteId);
  const hosts = costs.parts.hostsOf(siteId);
  const [day, month, year] = [zone.dayStart(now), zone.monthStart(now), zone.yearStart(now)];
  const [nextDay, nextMonth, nextYear] = [zone.dayStart(now, 1), zone.monthStart(now, 1), zone.yearStart(now, 1)];
  const lastMonth = zone.monthStart(now, -1);
  const begin = Math.min(year, lastMonth, zone.dayStart(now, -LOOK_BACK_DAYS));
  const priced = await costs.priced(siteId, { from: begin, to: nextDay });
  const recent = slotRange(priced.slots, { from: zone.dayStart(now, -LOOK_BACK_DAYS), to: nextDay });
  const sinceThen = priced.total.map((wh, slot) => (slot < recent.from ? 0 : wh));
  const habit = habitOf(sinceThen, priced.slots, { now, zone });
  const ofMonth = usesIn(priced, { from: month, to: nextMonth });
  const off = uncertaintyOf(ofMonth, shareOff(power)) ?? 0.2;
  const outlook = (span: { from: number; to: number }) =>
    habit && projected(span, { used: priced.total, slots: priced.slots, habit, now, tariffs, uncertainty: off });
  const projectedMonth = outlook({ from: month, to: nextMonth });
  const spent = figureIn(priced, { from: month, to: nextMonth });
  const budget = budgetOf(
    costs.parts.books.of(siteId).budget,
    spentOf(spent),
    projectedMonth && spentOf(projectedMonth),
  );
  const rows = hosts.map((host) => rowOf(host, { priced, power, day, nextDay, month, now }));
  const slotNow = Math.min(priced.slots.count - 1, Math.floor((now - priced.slots.first) / priced.slots.slotMs));
  const held = tariffs.versions[priced.unit.version[slotNow] ?? -1];
  const inMonth = slotRange(priced.slots, { from: month, to: now });
  const years = habit && {
    projectedYear: outlook({ from: year, to: nextYear }),
    yearAtThisRate: outlook({ from: nextDay, to: zone.dayStart(nextDay, 365) }),
  };
  return {
    ...{ at: now, currency, timeZone: zone.name },
    watts: rows.reduce((sum, { watts = 0 }) => sum + watts, 0),
    priceNow: priced.unit.unit[slotNow] ?? tariffs.flat,
    tariff: held?.title ?? 'Price of the general settings',
    today: figureIn(priced, { from: day, to: Math.max(day, Math.min(now, nextDay)) + 1 }),
    month: spent,
    lastMonth: figureIn(priced, { from: lastMonth, to: month }),
    year: figureIn(priced, { from: year, to: nextYear }),
    ...(projectedMonth && { projectedMonth }),
    ...(years?.projectedYear && { projectedYear: years.projectedYear }),
    ...(years?.yearAtThisRate && { yearAtThisRate: years.yearAtThisRate }),
    ...(habit && { uncertainty: off }),
    unpricedHours:
      (priced.unit.isMissing.subarray(inMonth.from, inMonth.to).reduce((a, b) => a + b, 0) * priced.slots.slotMs) /
      HOUR_MS,
    ...(budget && { budget }),
    hosts: rows,
  };
}

const spentOf = ({ cost, standing }: { cost: number; standing: number }): number => cost + standing;

/** Energy by source within a span, by the share of the span's energy: sources are known for the whole of what was read. */
function usesIn({ uses, slots }: Priced, span: { from: number; to: number }): HostUse[] {
  const range = slotRange(slots, span);
  return uses.map((use) => {
    const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
    const whole = sum(use.wh);
    const share = whole > 0 ? sum(use.wh.subarray(range.from, range.to)) / whole : 0;
    return { ...use, bySource: new Map([...use.bySource].map(([source, wh]) => [source, wh * share])) };
  });
}

export function budgetOf(
  amount: number | undefined,
  spent: number,
  projectedCost: number | undefined,
): CostOverview['budget'] {
  if (amount === undefined) return undefined;
  const state = spent > amount ? 'exceeded' : (projectedCost ?? 0) > amount ? 'will-exceed' : 'ok';
  return { amount, spent, state, ...(projectedCost !== undefined && { projected: projectedCost }) };
}

interface RowParts {
  priced: Priced;
  power: Power;
  day: number;
  nextDay: number;
  month: number;
  now: number;
}

/** One host, as the list shows it. */
export function rowOf(host: Host, { priced, power, day, nextDay, month, now }: RowParts): HostCost {
  const use = priced.uses.find(({ hostId }) => hostId === host.id);
  const wh = use?.wh ?? new Float64Array(priced.slots.count);
  const figure = (span: { from: number; to: number }) =>
    figureOf(sumOf(wh, priced.unit, slotRange(priced.slots, span)));
  const range = slotRange(priced.slots, { from: month, to: nextDay });
  const knownMs = (use?.knownMs ?? wh).subarray(range.from, range.to).reduce((a, b) => a + b, 0);
  const sinceMs = now - Math.max(month, host.createdAt);
  return {
    ...power.now(host.id),
    ...{ hostId: host.id, name: host.name, tags: host.tags },
    ...(host.rack !== undefined && { rack: host.rack }),
    today: figure({ from: day, to: nextDay }),
    month: figure({ from: month, to: nextDay }),
    knownShare: sinceMs > 0 ? Math.max(0, Math.min(1, knownMs / sinceMs)) : 0,
  };
}

/** One host with what was and what will be. */
export async function hostCostOf(siteId: string, host: Host, { costs, power }: OverviewParts) {
  const now = costs.parts.now();
  const zone = costs.zoneOf(siteId);
  const tariffs = costs.tariffsOf(siteId);
  const [day, month, year] = [zone.dayStart(now), zone.monthStart(now), zone.yearStart(now)];
  const [nextDay, nextMonth] = [zone.dayStart(now, 1), zone.monthStart(now, 1)];
  const lastMonth = zone.monthStart(now, -1);
  const begin = Math.min(year, lastMonth, now - LOOK_BACK_DAYS * DAY_MS);
  const priced = await costs.priced(siteId, { from: zone.dayStart(begin), to: nextDay });
  const use = priced.uses.find(({ hostId }) => hostId === host.id);
  const own = use ? totalOf([use], priced.slots.count) : new Float64Array(priced.slots.count);
  const habit = habitOf(own, priced.slots, { now, zone });
  const off = (use && uncertaintyOf([use], shareOff(power))) ?? 0.2;
  // Standing charges are the site's, so that a host is projected without them, and without tiers' steps on its own energy alone.
  const flat = {
    ...tariffs,
    versions: tariffs.versions.map((each) => ({ ...each, standingPerDay: 0, standingPerMonth: 0 })),
  };
  const figure = (span: { from: number; to: number }) =>
    figureOf(sumOf(own, priced.unit, slotRange(priced.slots, span)));
  const outlook =
    habit &&
    projected(
      { from: month, to: nextMonth },
      { used: own, slots: priced.slots, habit, now, tariffs: flat, uncertainty: off },
    );
  return {
    ...rowOf(host, { priced, power, day, nextDay, month, now }),
    currency: costs.parts.general(siteId).currency,
    lastMonth: figure({ from: lastMonth, to: month }),
    year: figure({ from: year, to: nextDay }),
    ...(outlook && { projectedMonth: outlook }),
    priced,
  };
}
