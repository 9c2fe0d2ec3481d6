import { tariffVersion } from '../../protocol/cost.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { WhatIf, Wish } from '../../protocol/routes/cost.ts';
import { Problem } from '../problem.ts';
import { DAY_MS, HOUR_MS } from '../spans.ts';
import { standingOf, sumOf, unitPrices } from './bill.ts';
import { type Costs, type Figure, figureOf, type Priced, uncertaintyOf } from './costs.ts';
import { shareOff } from './overview.ts';
import type { Power } from './power.ts';
import { ruleFits, slotsOf } from './prices.ts';

export interface WhatIfParts {
  costs: Costs;
  power: Power;
  /** The host of the caller's site. Fails with `not-found`. */
  visible(hostId: string): Host;
  /** Mean use of a host's processors in a span, 0–1; undefined where nobody knows. */
  cpuOf(hostId: string, span: { from: number; to: number }): Promise<number | undefined>;
}

const LOOK_BACK_DAYS = 30;
const YEAR_DAYS = 365.25;
const DEFAULT_STANDBY_WATTS = 2;

interface Look {
  priced: Priced;
  days: number;
  siteId: string;
  span: { from: number; to: number };
}

type Counted = Pick<WhatIf, 'numbers' | 'caveat'> & {
  /** Of the days that were looked at. */
  before: Figure & { standing: number };
  after: Figure & { standing: number };
  paybackPrice?: number | undefined;
  uncertainty: number;
};

/** What a change would have saved in the last 30 days, laid out to a year. Fails with a `Problem` where nothing is known to reckon with. */
export async function whatIf(siteId: string, wish: Wish, parts: WhatIfParts): Promise<WhatIf> {
  const { costs } = parts;
  const now = costs.parts.now();
  const zone = costs.zoneOf(siteId);
  const span = { from: zone.dayStart(now, -LOOK_BACK_DAYS), to: zone.dayStart(now, 1) };
  const priced = await costs.priced(siteId, span);
  const begin = priced.total.findIndex((wh, slot) => slot >= priced.from && wh > 0);
  if (begin < 0) throw nothingKnown('the site');
  // Whole days back from now, so that no hour of the day counts more often than another.
  const since = priced.slots.first + begin * priced.slots.slotMs;
  const days = Math.max(Math.floor((now - since) / DAY_MS), (now - since) / DAY_MS < 1 ? (now - since) / DAY_MS : 1);
  const first = Math.max(begin, Math.ceil((now - days * DAY_MS - priced.slots.first) / priced.slots.slotMs));
  const look = { priced: { ...priced, from: first }, days, siteId, span: { from: now - days * DAY_MS, to: now } };
  const counted = await count(wish, look, parts);
  const scale = YEAR_DAYS / days;
  const before = scaled(counted.before, scale);
  const after = scaled(counted.after, scale);
  const savedPerYear = before.cost + before.standing - after.cost - after.standing;
  const { paybackPrice } = counted;
  return {
    currency: costs.parts.general(siteId).currency,
    ...{ days, before, after, savedPerYear, savedPerMonth: savedPerYear / 12 },
    ...(paybackPrice !== undefined && savedPerYear > 0 && { paybackMonths: paybackPrice / (savedPerYear / 12) }),
    ...{ uncertainty: counted.uncertainty, numbers: counted.numbers, caveat: counted.caveat },
  };
}

const scaled = ({ kwh, cost, co2Kg, standing }: Figure & { standing: number }, by: number) => ({
  ...{ kwh: kwh * by, cost: cost * by, co2Kg: co2Kg * by, standing: standing * by },
});

function count(wish: Wish, look: Look, parts: WhatIfParts): Counted | Promise<Counted> {
  if (wish.kind === 'tariff') return countTariff(wish, look, parts);
  return wish.kind === 'sleep' ? countSleep(wish, look, parts) : countReplace(wish, look, parts);
}

function useOf(host: Host, { priced }: Look) {
  const use = priced.uses.find(({ hostId }) => hostId === host.id);
  const slots = { from: priced.from, to: priced.slots.count };
  const wh = use && sumOf(use.wh, priced.unit, slots);
  if (!use || !wh || wh.wh <= 0) throw nothingKnown(host.name);
  return { use, sum: wh, slots };
}

const nothingKnown = (of: string): Problem =>
  new Problem(
    'invalid-request',
    `Nothing is known of the energy of ${of} yet: choose a source of power, and wait an hour`,
  );

const alone = (sum: Parameters<typeof figureOf>[0]) => ({ ...figureOf(sum), standing: 0 });

function countSleep(
  wish: Extract<Wish, { kind: 'sleep' }>,
  look: Look,
  { costs, power, visible }: WhatIfParts,
): Counted {
  const host = visible(wish.hostId);
  const { use, sum, slots } = useOf(host, look);
  const { priced } = look;
  const zone = costs.zoneOf(look.siteId);
  const { from, to, weekdays } = wish;
  const rule = { title: '', price: 0, from, to, ...(weekdays && { weekdays }) };
  const standby = wish.standbyWatts ?? costs.parts.sources.get(host.id)?.standbyWatts ?? DEFAULT_STANDBY_WATTS;
  const asleep = use.wh.slice();
  let [ms, wh] = [0, 0];
  for (let slot = slots.from; slot < slots.to; slot++) {
    const at = priced.slots.first + slot * priced.slots.slotMs;
    const knownMs = Math.min(use.knownMs[slot] ?? 0, priced.slots.slotMs);
    if (knownMs <= 0 || !ruleFits(rule, zone.partsOf(at))) continue;
    ms += knownMs;
    wh += use.wh[slot] ?? 0;
    asleep[slot] = Math.min(use.wh[slot] ?? 0, (standby * knownMs) / HOUR_MS);
  }
  return {
    before: alone(sum),
    after: alone(sumOf(asleep, priced.unit, slots)),
    uncertainty: uncertaintyOf([use], shareOff(power)) ?? 0.2,
    numbers: [
      { title: `Mean power of ${host.name} from ${from} to ${to}`, value: ms > 0 ? (wh * HOUR_MS) / ms : 0, unit: 'W' },
      { title: 'Asleep it takes', value: standby, unit: 'W' },
      { title: 'Hours asleep in these days', value: ms / HOUR_MS, unit: 'h' },
      { title: 'Energy in those hours', value: wh / 1_000, unit: 'kWh' },
      { title: 'Price now', value: priceNow(look), unit: 'per kWh' },
    ],
    caveat: 'Waking takes a minute, and what runs at night (backups, scrubs, updates) has to move to another hour.',
  };
}

async function countReplace(
  wish: Extract<Wish, { kind: 'replace' }>,
  look: Look,
  { costs, visible, cpuOf }: WhatIfParts,
): Promise<Counted> {
  const host = visible(wish.hostId);
  const { use, sum, slots } = useOf(host, look);
  const { priced } = look;
  const machine = costs.parts.books.machinesOf(look.siteId).find(({ id }) => id === wish.machine);
  if (!machine) {
    const message = 'there is no such machine: GET /api/v1/cost/tariffs lists them';
    throw new Problem('invalid-request', message, [{ path: 'body.wish.machine', message }]);
  }
  const cpu = (await cpuOf(host.id, look.span)) ?? 0.1;
  const watts = machine.idleWatts + cpu * (machine.fullWatts - machine.idleWatts);
  const replaced = use.wh.map((_, slot) => (watts * Math.min(use.knownMs[slot] ?? 0, priced.slots.slotMs)) / HOUR_MS);
  const ms = use.knownMs.subarray(slots.from, slots.to).reduce((a, b) => a + b, 0);
  return {
    before: alone(sum),
    after: alone(sumOf(replaced, priced.unit, slots)),
    paybackPrice: wish.price,
    uncertainty: 0.25,
    numbers: [
      { title: `Mean power of ${host.name}`, value: ms > 0 ? (sum.wh * HOUR_MS) / ms : 0, unit: 'W' },
      { title: 'Mean use of its processors', value: cpu * 100, unit: '%' },
      { title: `${machine.title}, idle`, value: machine.idleWatts, unit: 'W' },
      { title: `${machine.title}, full load`, value: machine.fullWatts, unit: 'W' },
      { title: 'So it would take', value: watts, unit: 'W' },
      { title: 'Price now', value: priceNow(look), unit: 'per kWh' },
    ],
    caveat:
      'The new machine is taken to be as busy as the old one. A slower processor would be busier, and disks that move along take their power along.',
  };
}

const priceNow = ({ priced, span }: Look): number => {
  const slot = Math.floor((span.to - priced.slots.first) / priced.slots.slotMs);
  return priced.unit.unit[Math.min(slot, priced.slots.count - 1)] ?? 0;
};

async function countTariff(
  { tariff }: Extract<Wish, { kind: 'tariff' }>,
  look: Look,
  { costs, power }: WhatIfParts,
): Promise<Counted> {
  const { priced, siteId, span, days } = look;
  const version = tariffVersion.parse({ ...tariff, from: '1970-01-01' });
  const tariffs = { ...costs.tariffsOf(siteId), versions: [version] };
  const begin = priced.slots.first + priced.from * priced.slots.slotMs;
  const month = tariffs.zone.monthStart(begin);
  const slots = slotsOf({ from: version.tiers.length > 0 ? month : begin, to: span.to }, tariffs);
  const uses = await costs.use(siteId, slots);
  const total = uses.reduce(
    (sum, { wh }) => sum.map((each, slot) => each + (wh[slot] ?? 0)),
    new Float64Array(slots.count),
  );
  const unit = unitPrices(slots, tariffs, total);
  const range = { from: Math.round((begin - slots.first) / slots.slotMs), to: slots.count };
  const was = { from: priced.from, to: Math.ceil((span.to - priced.slots.first) / priced.slots.slotMs) };
  const before = { ...figureOf(sumOf(priced.total, priced.unit, was)), standing: standingOf(priced.unit, was) };
  const after = { ...figureOf(sumOf(total, unit, range)), standing: standingOf(unit, range) };
  const missing = (unit.isMissing.subarray(range.from).reduce((a, b) => a + b, 0) * slots.slotMs) / HOUR_MS;
  const mean = ({ cost, kwh }: Figure): number => (kwh > 0 ? cost / kwh : 0);
  return {
    ...{ before, after },
    uncertainty: uncertaintyOf(priced.uses, shareOff(power)) ?? 0.2,
    numbers: [
      { title: 'Energy in these days', value: before.kwh, unit: 'kWh' },
      { title: 'Mean price now', value: mean(before), unit: 'per kWh' },
      { title: 'Mean price then', value: mean(after), unit: 'per kWh' },
      {
        title: 'Standing charge now, a year',
        value: (before.standing * YEAR_DAYS) / days,
        unit: costs.parts.general(siteId).currency,
      },
      {
        title: 'Standing charge then, a year',
        value: (after.standing * YEAR_DAYS) / days,
        unit: costs.parts.general(siteId).currency,
      },
      ...(missing > 0 ? [{ title: 'Hours without a spot price', value: missing, unit: 'h' }] : []),
    ],
    caveat: 'The same use at the same hours. Prices by season are those of the days that were looked at.',
  };
}
