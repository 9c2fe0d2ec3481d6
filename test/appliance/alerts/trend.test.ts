import { describe, expect, test } from 'vitest';
import { daysUntil, type Forecast, forecastOf } from '../../../appliance/alerts/trend.ts';
import { seeded } from '../../helpers/seeded.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_760_000_000_000;

/** Hourly points of the last days, `of(hour)` counted from the first. */
function hourly(days: number, of: (hour: number) => number): [number, number][] {
  const many = days * 24;
  return Array.from({ length: many + 1 }, (_, i) => [NOW - (many - i) * HOUR, of(i)]);
}

const ask = (points: [number, number][], limit = 1): Forecast => forecastOf({ points, limit, now: NOW });
const perHour = 0.02 / 24; // 2 % a day
const days = (found: Forecast): number => daysUntil(found, NOW);

describe('a steady trend', () => {
  test('is told to the hour', () => {
    const found = ask(hourly(7, (hour) => 0.6 + hour * perHour));
    expect(found.kind).toBe('reaches');
    // 60 % + 14 % in 7 days: 26 % are left, at 2 % a day.
    expect(days(found)).toBeCloseTo(13, 1);
    expect(found).toMatchObject({ perDay: expect.closeTo(0.02, 6) });
  });

  test('with noise is found, and the truth lies within what is stated', () => {
    let inside = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const found = ask(hourly(7, (hour) => 0.6 + hour * perHour + (random() - 0.5) * 0.02));
      if (found.kind !== 'reaches') continue;
      expect(days(found)).toBeGreaterThan(10);
      expect(days(found)).toBeLessThan(17);
      const [least, most = Infinity] = [found.earliestAt, found.latestAt].map((at) => ((at ?? Infinity) - NOW) / DAY);
      if ((least ?? 0) <= 13.6 && most >= 12.4) inside += 1;
    }
    expect(inside).toBeGreaterThanOrEqual(38);
  });
});

describe('nothing is foretold', () => {
  test('of few values', () =>
    expect(ask(hourly(0.4, (hour) => 0.6 + hour * 0.01))).toMatchObject({ reason: 'few-values' }));
  test('of none, or of what is no number', () => {
    expect(ask([])).toMatchObject({ reason: 'few-values' });
    expect(ask(hourly(7, () => Number.NaN))).toMatchObject({ reason: 'few-values' });
  });
  test('of noise without a trend', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const found = ask(hourly(7, () => 0.7 + (random() - 0.5) * 0.1));
      expect(days(found)).toBeGreaterThan(30);
    }
  });
  test('of what falls, and of what stands still', () => {
    expect(ask(hourly(7, (hour) => 0.9 - hour * perHour))).toMatchObject({ reason: 'not-rising' });
    expect(ask(hourly(7, () => 0.9))).toMatchObject({ reason: 'not-rising' });
  });
  test('of what rises so slowly that the trend was seen for too short a time', () =>
    expect(ask(hourly(2, (hour) => 0.5 + hour * 0.000_1))).toMatchObject({ reason: 'too-far' }));
  test('of values from the future', () => {
    const points = hourly(7, (hour) => 0.6 + hour * perHour).map(([at, value]): [number, number] => [
      at + 30 * DAY,
      value,
    ]);
    expect(ask(points)).toMatchObject({ reason: 'few-values' });
  });
});

describe('steps', () => {
  test('a deleted file does not hide the trend', () => {
    const found = ask(hourly(7, (hour) => 0.7 + hour * perHour - (hour > 100 ? 0.3 : 0)));
    expect(found.kind).toBe('reaches');
    // 70 % + 14 % − 30 %: 46 % are left at 2 % a day.
    expect(days(found)).toBeCloseTo(23, 0);
  });
  test('a copied file is no trend', () =>
    expect(ask(hourly(7, (hour) => (hour > 80 ? 0.8 : 0.5)))).toMatchObject({ kind: 'none' }));
  test('a backup each night is one', () => {
    const found = ask(hourly(7, (hour) => 0.6 + Math.floor(hour / 24) * 0.02));
    expect(days(found)).toBeGreaterThan(9);
    expect(days(found)).toBeLessThan(16);
  });
  test('logs that are cleared each night are none', () =>
    expect(days(ask(hourly(7, (hour) => 0.6 + (hour % 24) * 0.005)))).toBeGreaterThan(30));
});

test('what is full is full now', () => {
  const found = ask(hourly(7, (hour) => 0.9 + hour * 0.001));
  expect(found.kind).toBe('reached');
  expect(days(found)).toBe(0);
});

test('a hundred thousand points cost no more than two hundred', () => {
  const points = Array.from({ length: 100_000 }, (_, i): [number, number] => [
    NOW - (100_000 - i) * 6_000,
    0.5 + i * 1e-6,
  ]);
  const began = performance.now();
  expect(forecastOf({ points, limit: 1, now: NOW }).kind).toBe('reaches');
  expect(performance.now() - began).toBeLessThan(500);
});
