import type { Host } from '../../protocol/hosts.ts';
import type { CostSeries } from '../../protocol/routes/cost.ts';
import { csvCell } from '../csv.ts';
import { Problem } from '../problem.ts';
import { DAY_MS, HOUR_MS } from '../spans.ts';
import { standingOf, sumOf } from './bill.ts';
import { type Costs, type Priced, slotRange } from './costs.ts';
import type { Zone } from './zone.ts';

export type Step = CostSeries['by'];
export type GroupBy = 'host' | 'tag' | 'rack';

/** Steps of an answer: enough for two months of hours, three years of days. */
const MOST_STEPS = 1_500;
const LONGEST_MS = 3 * 366 * DAY_MS;

/** The moments of two days by the clocks of the site. Fails with the field and its cure. */
export function spanOf(zone: Zone, days: { from: string; to: string }): { from: number; to: number } {
  const span = { from: zone.startOfDay(days.from), to: zone.startOfDay(days.to) };
  const refuse = (path: string, message: string): Problem =>
    new Problem('invalid-request', message, [{ path, message }]);
  if (span.to <= span.from) throw refuse('query.to', 'the last day lies behind the first: `to` is the day after it');
  if (span.to - span.from > LONGEST_MS) throw refuse('query.from', 'ask for three years at most');
  return span;
}

/** Beginnings of steps, with the end of the last behind them. */
export function stepsOf(zone: Zone, { from, to }: { from: number; to: number }, by: Step): number[] {
  const marks = [from];
  while ((marks.at(-1) ?? to) < to) {
    const at = marks.at(-1) ?? from;
    const next = by === 'hour' ? at + HOUR_MS : by === 'day' ? zone.dayStart(at, 1) : zone.monthStart(at, 1);
    marks.push(Math.min(to, next));
    if (marks.length > MOST_STEPS + 1) {
      const message = `ask for ${MOST_STEPS} steps at most: choose longer ones, or fewer days`;
      throw new Problem('invalid-request', message, [{ path: 'query.by', message }]);
    }
  }
  return marks;
}

interface Group {
  id: string;
  name: string;
  hostIds: Set<string>;
}

function groupsOf(hosts: readonly Host[], group: GroupBy): Group[] {
  const groups = new Map<string, Group>();
  const add = (id: string, name: string, hostId: string): void => {
    const known = groups.get(id) ?? { id, name, hostIds: new Set() };
    known.hostIds.add(hostId);
    groups.set(id, known);
  };
  for (const { id, name, tags, rack } of hosts) {
    if (group === 'host') add(id, name, id);
    else if (group === 'rack') add(rack ?? '', rack ?? '', id);
    // A host with two tags counts to both: groups by tag are no parts of a whole.
    else for (const tag of tags.length > 0 ? tags : ['']) add(tag, tag, id);
  }
  return [...groups.values()];
}

/** Energy and cost of each step and group. */
export async function seriesOf(
  siteId: string,
  costs: Costs,
  { from, to, by, group }: { from: string; to: string; by: Step; group: GroupBy },
): Promise<CostSeries> {
  const zone = costs.zoneOf(siteId);
  const span = spanOf(zone, { from, to });
  const marks = stepsOf(zone, span, by);
  const priced = await costs.priced(siteId, span);
  return { ...seriesIn(priced, marks, groupsOf(costs.parts.hostsOf(siteId), group)), by, ...headOf(siteId, costs) };
}

export const headOf = (siteId: string, costs: Costs) => ({
  currency: costs.parts.general(siteId).currency,
  timeZone: costs.zoneOf(siteId).name,
});

function seriesIn(priced: Priced, marks: readonly number[], groups: readonly Group[]) {
  const ranges = marks.slice(1).map((to, n) => slotRange(priced.slots, { from: marks[n] ?? to, to }));
  return {
    at: marks.slice(0, -1),
    standing: ranges.map((range) => standingOf(priced.unit, range)),
    groups: groups.map(({ id, name, hostIds }) => {
      const uses = priced.uses.filter(({ hostId }) => hostIds.has(hostId));
      const sums = ranges.map((range) => uses.map(({ wh }) => sumOf(wh, priced.unit, range)));
      return {
        ...{ id, name },
        kwh: sums.map((each) => each.reduce((sum, { wh }) => sum + wh / 1_000, 0)),
        cost: sums.map((each) => each.reduce((sum, { cost }) => sum + cost, 0)),
      };
    }),
  };
}

/** The same by host as CSV (RFC 4180): one line for each step and host that used anything, and the standing charge. */
export function csvOf({ currency, at, groups, standing }: CostSeries): string {
  const lines = [`time,host,kWh,cost ${currency}`];
  at.forEach((begin, step) => {
    const time = new Date(begin).toISOString();
    for (const { name, kwh, cost } of groups) {
      const used = kwh[step] ?? 0;
      if (used !== 0) lines.push(`${time},${csvCell(name)},${rounded(used)},${rounded(cost[step] ?? 0)}`);
    }
    if ((standing[step] ?? 0) !== 0) lines.push(`${time},standing charge,,${rounded(standing[step] ?? 0)}`);
  });
  return `${lines.join('\r\n')}\r\n`;
}

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/** Mean power (W) and cost of each hour of each weekday; null where nothing is known of it. */
export async function patternOf(
  siteId: string,
  costs: Costs,
  { from, to, hostId }: { from: string; to: string; hostId?: string | undefined },
): Promise<{ watts: (number | null)[][]; cost: (number | null)[][] }> {
  const zone = costs.zoneOf(siteId);
  const priced = await costs.priced(siteId, spanOf(zone, { from, to }));
  const { slots, unit } = priced;
  const uses = priced.uses.filter((use) => hostId === undefined || use.hostId === hostId);
  const sums = Array.from({ length: 7 * 24 }, () => ({ wh: 0, cost: 0, ms: 0 }));
  for (let slot = priced.from; slot < slots.count; slot++) {
    const used = uses.reduce((sum, { wh }) => sum + (wh[slot] ?? 0), 0);
    const isKnown = uses.some(({ knownMs, wh }) => (knownMs[slot] ?? 0) > 0 || (wh[slot] ?? 0) !== 0);
    const { weekday, minuteOfDay } = zone.partsOf(slots.first + slot * slots.slotMs);
    const sum = sums[(weekday - 1) * 24 + Math.floor(minuteOfDay / 60)];
    if (!sum || !isKnown) continue;
    sum.wh += used;
    sum.cost += (used / 1_000) * (unit.unit[slot] ?? 0);
    sum.ms += slots.slotMs;
  }
  const week = (of: (sum: { wh: number; cost: number; ms: number }) => number) =>
    Array.from({ length: 7 }, (_, day) =>
      sums.slice(day * 24, (day + 1) * 24).map((sum) => (sum.ms > 0 ? (of(sum) * HOUR_MS) / sum.ms : null)),
    );
  return { watts: week(({ wh }) => wh), cost: week(({ cost }) => cost) };
}
