import { expect, test } from 'vitest';
import type { CostSeries } from '../../../protocol/routes/cost.ts';
import { monthsOf } from '../../../web-components/cost/months.ts';
import { stacksOf, ticksOf, tickText } from '../../../web-components/cost/stacks.ts';
import { ruleText, spansText, versionLines } from '../../../web-components/cost/tariff-text.ts';
import { dayIn, energy, money, monthOf, plusDays, shortPower, trust } from '../../../web-components/cost/words.ts';

const group = (name: string, cost: number[]) => ({ id: name, name, cost, kwh: cost.map((value) => value * 4) });
const series = (groups: ReturnType<typeof group>[], at = [0, 1]): CostSeries => ({
  ...{ currency: 'EUR', timeZone: 'UTC', by: 'month', at, groups, standing: at.map(() => 1) },
});

test('how far a figure can be believed stands beside it', () => {
  expect(trust({ confidence: 'measured', uncertainty: 0.02 })).toBe('measured');
  expect(trust({ confidence: 'modelled', uncertainty: 0.2 })).toBe('modelled ±20\u00a0%');
  expect(trust({ confidence: 'guess', uncertainty: 0.5 })).toBe('guess ±50\u00a0%');
  expect(trust({})).toBe('not known');
  expect(shortPower({ watts: 41, confidence: 'measured' })).toBe('41\u00a0W');
  expect(shortPower({ watts: 41, confidence: 'guess' })).toBe('≈\u00a041\u00a0W');
});

test('amounts are neither a debt of nothing nor nothing where there is a little', () => {
  expect([0, -0.001, 0.002, -1.5, 12.345].map((value) => money(value, 'EUR'))).toEqual([
    ...['€0.00', '€0.00', '<€0.01', '-€1.50', '€12.35'],
  ]);
  expect(money(0.2134, 'EUR', 2)).toBe('€0.2134');
  expect([0, 0.0381, 1.54, 240].map(energy)).toEqual(['0\u00a0kWh', '38\u00a0Wh', '1.5\u00a0kWh', '240\u00a0kWh']);
});

test('gains hang below the line, and beyond the most there is one for the rest', () => {
  const few = stacksOf(series([group('a', [1, -2]), group('b', [3, 1])]), 'cost', 8);
  expect(few).toMatchObject({ low: -2, high: 4 });
  const many = stacksOf(series(Array.from({ length: 12 }, (_, n) => group(`h${n}`, [n + 1, n + 1]))), 'cost', 8);
  expect(many.groups).toHaveLength(8);
  expect(many.groups.at(-1)?.name).toBe('5 others');
  expect(many.high).toBe(78);
});

test('the axis has round numbers with zero among them', () => {
  expect(ticksOf(0, 1.41)).toEqual([0, 0.5, 1, 1.5]);
  expect(ticksOf(-2, 4)).toContain(0);
  expect(ticksOf(0, 0)).toEqual([0, 1]);
  expect(ticksOf(0, 1.41).map(tickText)).toEqual(['0', '0.5', '1', '1.5']);
  expect(ticksOf(0, 0.00033).map(tickText)).toEqual(['0', '0.0001', '0.0002', '0.0003', '0.0004']);
});

test('a month that is not over is compared with nothing', () => {
  const months = monthsOf(series([group('a', [0, 10, 12, 3])], [0, 1, 2, 3]));
  expect(months.map(({ cost }) => cost)).toEqual([4, 13, 11]);
  expect(months.map(({ change }) => change)).toEqual([undefined, expect.closeTo(0.2), undefined]);
});

test('days are those of the site, across months and leap days', () => {
  const at = Date.UTC(2028, 1, 28, 23, 30);
  expect(dayIn('Europe/Berlin', at)).toBe('2028-02-29');
  expect(plusDays('2028-02-28', 2)).toBe('2028-03-01');
  expect(monthOf('2028-01-31', -2)).toBe('2027-11-01');
});

test('a tariff reads as words', () => {
  expect(spansText([6, 1, 2, 3], ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])).toBe('Mon–Wed, Sat');
  const night = { title: 'Night', price: 0.2, from: '22:00', to: '06:00', weekdays: [6, 7] };
  expect(ruleText(night, 'EUR')).toBe('Night €0.20, 22:00–06:00, Sat–Sun');
  const plain = { from: '2026-01-01', title: 'Spot', price: 0.3, rules: [], tiers: [], co2PerKwh: 380, taxPercent: 19 };
  const lines = versionLines(
    { ...plain, standingPerDay: 0, standingPerMonth: 8, spot: { factor: 1, add: -0.05 } },
    'EUR',
  );
  expect(lines).toContain('Spot price × 1 + -€0.05; without one €0.30');
  expect(lines).toContain('19 % tax on it');
});
