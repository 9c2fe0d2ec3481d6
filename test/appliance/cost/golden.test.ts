import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { standingOf, sumOf, unitPrices } from '../../../appliance/cost/bill.ts';
import { integrate, joulesBetween } from '../../../appliance/cost/energy.ts';
import { NO_SPOT, slotsOf, type Tariffs } from '../../../appliance/cost/prices.ts';
import { spotFromCsv } from '../../../appliance/cost/spot.ts';
import { Zone } from '../../../appliance/cost/zone.ts';
import { type TariffVersion, tariffVersion } from '../../../protocol/cost.ts';

// Each example stands with its arithmetic in docs/cost.md.

const HOUR = 3_600_000;
const berlin = new Zone('Europe/Berlin');

type Given = Partial<Omit<TariffVersion, 'spot'>> & { spot?: { factor?: number; add?: number } };
const tariffs = (versions: Given[], more: Partial<Tariffs> = {}): Tariffs => ({
  versions: versions.map((version) => tariffVersion.parse({ from: '2020-01-01', ...version })),
  zone: berlin,
  spot: NO_SPOT,
  flat: 0.24,
  ...more,
});

/** What hosts with constant powers cost from one local day to another, both at midnight. */
function billed(watts: number[], [from, to]: [string, string], held: Tariffs) {
  return billedBetween(watts, { from: held.zone.startOfDay(from), to: held.zone.startOfDay(to) }, held);
}

function billedBetween(watts: number[], span: { from: number; to: number }, held: Tariffs) {
  const slots = slotsOf(span, held);
  const hours = slots.slotMs / HOUR;
  const all = watts.reduce((a, b) => a + b, 0);
  const unit = unitPrices(slots, held, new Float64Array(slots.count).fill(all * hours));
  const whole = { from: 0, to: slots.count };
  return {
    hosts: watts.map((each) => sumOf(new Float64Array(slots.count).fill(each * hours), unit, whole)),
    standing: standingOf(unit, whole),
    slots,
    unit,
  };
}

const dayAndNight = [{ title: 'Night', price: 0.2, from: '22:00', to: '06:00' }];
const kwh = ({ wh }: { wh: number }): number => wh / 1_000;

describe('golden examples of docs/cost.md', () => {
  test('a flat price: 100 W for a day are 2.4 kWh and 0.576', () => {
    const [host] = billed([100], ['2026-05-04', '2026-05-05'], tariffs([])).hosts;
    expect(kwh(host ?? { wh: 0 })).toBeCloseTo(2.4, 9);
    expect(host?.cost).toBeCloseTo(0.576, 9);
  });

  test('the day on which clocks go forward has 23 hours, 7 of them night', () => {
    const held = tariffs([{ price: 0.3, rules: dayAndNight, standingPerDay: 0.5 }]);
    const { hosts, standing, slots } = billed([100], ['2026-03-29', '2026-03-30'], held);
    expect(slots.count).toBe(23);
    expect(kwh(hosts[0] ?? { wh: 0 })).toBeCloseTo(2.3, 9);
    expect(hosts[0]?.cost).toBeCloseTo(0.62, 9);
    expect(standing).toBeCloseTo(0.5, 9);
  });

  test('the day on which clocks go back has 25 hours, 9 of them night', () => {
    const held = tariffs([{ price: 0.3, rules: dayAndNight, standingPerDay: 0.5 }]);
    const { hosts, standing, slots } = billed([100], ['2026-10-25', '2026-10-26'], held);
    expect(slots.count).toBe(25);
    expect(hosts[0]?.cost).toBeCloseTo(0.66, 9);
    expect(standing).toBeCloseTo(0.5, 9);
  });

  test('a price that changes in the middle of a month holds from midnight of its day', () => {
    const held = tariffs([{ price: 0.24 }, { from: '2026-04-16', price: 0.3 }]);
    const [host] = billed([1_000], ['2026-04-01', '2026-05-01'], held).hosts;
    expect(kwh(host ?? { wh: 0 })).toBeCloseTo(720, 6);
    expect(host?.cost).toBeCloseTo(194.4, 6);
  });

  test('correcting a past price corrects the past', () => {
    const wrong = tariffs([{ price: 2.4 }, { from: '2026-04-16', price: 0.3 }]);
    const right = tariffs([{ price: 0.24 }, { from: '2026-04-16', price: 0.3 }]);
    const of = (held: Tariffs) => billed([1_000], ['2026-04-01', '2026-05-01'], held).hosts[0]?.cost ?? 0;
    expect(of(wrong) - of(right)).toBeCloseTo(360 * (2.4 - 0.24), 6);
  });

  test('a tier that is crossed within an hour: 100 kWh at 0.20, the rest at 0.30, and hosts pay by what they use', () => {
    const held = tariffs([{ price: 0.2, tiers: [{ aboveKwh: 100, add: 0.1 }] }]);
    const one = billed([480], ['2026-04-01', '2026-05-01'], held).hosts[0];
    expect(kwh(one ?? { wh: 0 })).toBeCloseTo(345.6, 6);
    expect(one?.cost).toBeCloseTo(93.68, 6);
    const two = billed([288, 192], ['2026-04-01', '2026-05-01'], held).hosts;
    expect(two[0]?.cost).toBeCloseTo(56.208, 6);
    expect(two[1]?.cost).toBeCloseTo(37.472, 6);
  });

  test('tiers begin anew with each month', () => {
    const held = tariffs([{ price: 0.2, tiers: [{ aboveKwh: 100, add: 0.1 }] }]);
    const both = billed([480], ['2026-04-01', '2026-06-01'], held).hosts[0]?.cost ?? 0;
    expect(both).toBeCloseTo(93.68 + (357.12 * 0.2 + 257.12 * 0.1), 6);
  });

  test('a negative spot price pays who uses energy, less what the supplier adds, with tax', () => {
    const at = Date.UTC(2026, 4, 3, 11);
    const { prices } = spotFromCsv('time;price\n2026-05-03T13:00+02:00;-0,15\n2026-05-03T14:00+02:00;0,02', 'kWh');
    const spot = { at: (moment: number) => prices.findLast(([from]) => from <= moment)?.[1] };
    const held = tariffs([{ spot: { add: 0.1 }, taxPercent: 20 }], { spot });
    const { hosts, slots } = billedBetween([2_000], { from: at, to: at + HOUR }, held);
    expect(slots.count).toBe(4);
    expect(hosts[0]?.cost).toBeCloseTo(-0.12, 9);
  });

  test('where no spot price was imported the own price of the tariff stands in, and it is said', () => {
    const at = Date.UTC(2026, 4, 3, 11);
    const held = tariffs([{ price: 0.31, spot: {} }]);
    const { hosts, unit } = billedBetween([1_000], { from: at, to: at + HOUR }, held);
    expect(hosts[0]?.cost).toBeCloseTo(0.31, 9);
    expect([...unit.isMissing]).toEqual([1, 1, 1, 1]);
  });

  test('a leap February has 29 days, and its standing charge is that of the month', () => {
    const held = tariffs([{ price: 0.24, standingPerMonth: 8.7 }]);
    const { hosts, standing } = billed([50], ['2028-02-01', '2028-03-01'], held);
    expect(kwh(hosts[0] ?? { wh: 0 })).toBeCloseTo(34.8, 6);
    expect(hosts[0]?.cost).toBeCloseTo(8.352, 6);
    expect(standing).toBeCloseTo(8.7, 9);
    expect(billed([50], ['2028-02-29', '2028-03-01'], held).standing).toBeCloseTo(0.3, 9);
  });

  test('late data repairs the energy of its hours, missing data is nothing', () => {
    const ten = Date.UTC(2026, 4, 4, 10);
    const minutes = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, n) => ({ at: ten + (from + n) * 60_000, watts: 200 }));
    const slots = { first: ten, slotMs: HOUR, count: 2 };
    const sum = (wh: Float64Array) => wh.reduce((a, b) => a + b, 0);
    const before = [...minutes(0, 30), ...minutes(90, 120)];
    expect([...integrate(before, slots, 60_000)].map(Math.round)).toEqual([100, 100]);
    const repaired = integrate([...before, ...minutes(30, 90)], slots, 60_000);
    expect(sum(repaired)).toBeCloseTo(400, 9);
    expect((sum(repaired) / 1_000) * 0.24).toBeCloseTo(0.096, 9);
  });
});

test('a sample after the hour is cut where the hours meet, not booked in the next', () => {
  const ten = Date.UTC(2026, 4, 4, 10);
  const samples = [
    { at: ten - 47_000, watts: 100 },
    { at: ten + 13_000, watts: 100 },
  ];
  const wh = integrate(samples, { first: ten - HOUR, slotMs: HOUR, count: 2 }, 60_000);
  expect(wh[0]).toBeCloseTo((100 * 47) / 3_600, 9);
  expect(wh[1]).toBeCloseTo((100 * 13) / 3_600, 9);
});

test('energy between two readings never spans a gap, and time that stands still is none', () => {
  expect(joulesBetween({ at: 0, watts: 10 }, { at: 5_000, watts: 20 }, 5_000)).toBe(75);
  expect(joulesBetween(undefined, { at: 5_000, watts: 20 }, 5_000)).toBe(100);
  expect(joulesBetween({ at: 0, watts: 10 }, { at: 3_600_000, watts: 20 }, 5_000)).toBe(100);
  expect(joulesBetween({ at: 5_000, watts: 10 }, { at: 5_000, watts: 20 }, 5_000)).toBe(0);
});

test('half-hour zones and windows on quarters are reckoned in quarters', () => {
  const india = new Zone('Asia/Kolkata');
  const held = tariffs([{ price: 0.3, rules: [{ title: 'Peak', price: 0.5, from: '18:00', to: '22:00' }] }], {
    zone: india,
  });
  const { hosts, slots } = billed([1_000], ['2026-05-04', '2026-05-05'], held);
  expect(slots.count).toBe(96);
  expect(hosts[0]?.cost).toBeCloseTo(20 * 0.3 + 4 * 0.5, 9);
});

test('months, weekdays and windows over midnight: the first rule that fits holds', () => {
  const held = tariffs([
    {
      price: 0.3,
      rules: [
        { title: 'Sunday', price: 0.1, weekdays: [7] },
        { title: 'Summer nights', price: 0.2, months: [6, 7, 8], from: '22:00', to: '06:00' },
      ],
    },
  ]);
  // Saturday 6 June 2026, then Sunday: Saturday has nights of 6 + 2 h, Sunday is cheap throughout.
  expect(billed([1_000], ['2026-06-06', '2026-06-07'], held).hosts[0]?.cost).toBeCloseTo(8 * 0.2 + 16 * 0.3, 9);
  expect(billed([1_000], ['2026-06-07', '2026-06-08'], held).hosts[0]?.cost).toBeCloseTo(2.4, 9);
  expect(billed([1_000], ['2026-05-02', '2026-05-03'], held).hosts[0]?.cost).toBeCloseTo(7.2, 9);
});

test('clocks that skip midnight begin their day at one', () => {
  const beirut = new Zone('Asia/Beirut');
  const begin = beirut.startOfDay('2026-03-29');
  expect(beirut.partsOf(begin)).toMatchObject({ day: 29, minuteOfDay: 60 });
  expect(beirut.dayStart(begin, 1) - begin).toBe(23 * HOUR);
  expect(new Zone('Australia/Lord_Howe').offsetAt(Date.UTC(2026, 6, 1))).toBe(10.5 * HOUR);
});

const aTime = fc.integer({ min: 0, max: 95 }).map((quarter) => {
  const text = `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
  return text;
});
const aPrice = fc.double({ min: -1, max: 2, noNaN: true });
const aRule = fc.record({
  title: fc.constant('Rule'),
  price: aPrice,
  weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
  from: aTime,
  to: aTime,
});
const aVersion = fc.record({
  price: aPrice,
  rules: fc.array(aRule, { maxLength: 3 }),
  tiers: fc.array(fc.record({ aboveKwh: fc.double({ min: 0, max: 300, noNaN: true }), add: aPrice }), { maxLength: 3 }),
  standingPerDay: fc.double({ min: 0, max: 3, noNaN: true }),
  taxPercent: fc.double({ min: 0, max: 30, noNaN: true }),
});

test('whatever the tariff and the zone: the sum over any partition of a span is the whole', () => {
  const zones = ['Europe/Berlin', 'Asia/Kolkata', 'America/New_York', 'Australia/Lord_Howe', 'UTC'];
  fc.assert(
    fc.property(
      fc.array(aVersion, { minLength: 1, maxLength: 2 }),
      fc.constantFrom(...zones),
      fc.uniqueArray(fc.integer({ min: 1, max: 40 * 96 - 1 }), { maxLength: 12 }),
      fc.array(fc.double({ min: 0, max: 900, noNaN: true }), { minLength: 24, maxLength: 24 }),
      (given, name, cuts, hours) => {
        const zone = new Zone(name);
        const versions = given.map((each, n) => ({ ...each, from: n === 0 ? '2026-01-01' : '2026-03-20' }));
        const held = tariffs(versions, { zone });
        const begin = zone.startOfDay('2026-03-01');
        const end = begin + 40 * 24 * HOUR;
        const wattsAt = (at: number): number => hours[Math.floor(at / HOUR) % 24] ?? 0;
        const whole = slotsOf({ from: begin, to: end }, held);
        /** As the appliance does: prices are made from the beginning of the month on, and a part is cut out of them. */
        const partOf = (from: number, to: number): number => {
          const slots = { ...slotsOf({ from: begin, to }, held), slotMs: HOUR / 4 };
          slots.count = Math.round((to - begin) / slots.slotMs);
          const wh = Float64Array.from({ length: slots.count }, (_, n) => wattsAt(begin + n * slots.slotMs) / 4);
          const prices = unitPrices(slots, held, wh);
          const span = { from: Math.round((from - begin) / slots.slotMs), to: slots.count };
          return sumOf(wh, prices, span).cost + standingOf(prices, span);
        };
        const marks = [0, ...cuts.sort((a, b) => a - b), 40 * 96].map((quarter) => begin + quarter * (HOUR / 4));
        const parts = marks.slice(1).map((to, n) => partOf(marks[n] ?? begin, to));
        const total = partOf(begin, end);
        expect(whole.first).toBeLessThanOrEqual(begin);
        expect(parts.reduce((a, b) => a + b, 0)).toBeCloseTo(total, 6);
      },
    ),
    { numRuns: 60 },
  );
});

test('whatever the samples: the energy of any partition of their time is that of the whole', () => {
  const samples = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 4 * HOUR }), watts: fc.double({ min: 0, max: 1e3, noNaN: true }) }),
    {
      minLength: 2,
      maxLength: 200,
    },
  );
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 16 }), (given, count) => {
      const slotMs = (4 * HOUR) / 16;
      const sum = (wh: Float64Array) => wh.reduce((a, b) => a + b, 0);
      const whole = sum(integrate(given, { first: 0, slotMs: 4 * HOUR, count: 2 }, 60_000));
      const parts =
        sum(integrate(given, { first: 0, slotMs, count }, 60_000)) +
        sum(integrate(given, { first: count * slotMs, slotMs, count: 17 - count }, 60_000));
      expect(parts).toBeCloseTo(whole, 6);
    }),
  );
});
