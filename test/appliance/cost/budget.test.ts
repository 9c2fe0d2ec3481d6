import { expect, test } from 'vitest';
import { budgetFact } from '../../../appliance/cost/budget.ts';
import { habitOf, projected } from '../../../appliance/cost/outlook.ts';
import { budgetOf } from '../../../appliance/cost/overview.ts';
import { NO_SPOT } from '../../../appliance/cost/prices.ts';
import { Zone } from '../../../appliance/cost/zone.ts';
import type { CostOverview } from '../../../protocol/routes/cost.ts';

const HOUR = 3_600_000;
const zone = new Zone('Europe/Berlin');
const of = (budget: CostOverview['budget']) =>
  budgetFact('site', { at: 1, currency: 'EUR', ...(budget && { budget }) } as CostOverview);

test('a budget that is exceeded is worse than one that will be; without one, or within it, all is well', () => {
  expect(of(budgetOf(undefined, 50, 90))).toMatchObject({ state: 'ok' });
  expect(of(budgetOf(100, 50, 90))).toMatchObject({ state: 'ok' });
  expect(of(budgetOf(100, 50, 110.2))).toMatchObject({
    state: 'wrong',
    severity: 'medium',
    text: expect.stringContaining('about 111 EUR'),
  });
  expect(of(budgetOf(100, 101, undefined))).toMatchObject({
    state: 'wrong',
    severity: 'high',
    text: expect.stringContaining('101.00 EUR'),
  });
});

test('a month is projected by what is usual at each hour, and says between which bounds', () => {
  const from = zone.startOfDay('2026-04-01');
  const to = zone.startOfDay('2026-05-01');
  const now = zone.startOfDay('2026-04-16');
  const slots = { first: from, slotMs: HOUR, count: (now - from) / HOUR };
  // 100 W by night (0–8), 200 W by day, in 15 days of April: the rest is as many days of the same.
  const used = Float64Array.from({ length: slots.count }, (_, slot) => (slot % 24 < 8 ? 100 : 200));
  const habit = habitOf(used, slots, { now, zone });
  if (!habit) throw new Error('there is a habit');
  expect(habit.wattsAt(now + 3 * HOUR)).toBeCloseTo(100, 6);
  expect(habit.wattsAt(now + 12 * HOUR)).toBeCloseTo(200, 6);
  const tariffs = { versions: [], zone, spot: NO_SPOT, flat: 0.5 };
  const month = projected({ from, to }, { used, slots, habit, now, tariffs, uncertainty: 0.1 });
  expect(month.kwh).toBeCloseTo(30 * 4, 6);
  expect(month.cost).toBeCloseTo(60, 6);
  expect(month.low).toBeCloseTo(54, 6);
  expect(month.high).toBeCloseTo(66, 6);
  expect(habitOf(new Float64Array(slots.count), slots, { now, zone })).toBeUndefined();
});
