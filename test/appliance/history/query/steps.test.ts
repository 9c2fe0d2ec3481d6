import { expect, test } from 'vitest';
import { gridOf } from '../../../../appliance/history/query/steps.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2025, 10, 21, 12);

test.each([
  ['10 minutes at 1 s', 600_000, 1_000, 600, 1_000],
  ['1 hour at 5 s', HOUR, 5_000, 600, 10_000],
  ['1 hour at 5 s on a wide chart', HOUR, 5_000, 1_000, 5_000],
  ['24 hours at 5 s', DAY, 5_000, 600, 300_000],
  ['24 hours at 60 s', DAY, 60_000, 1_500, 60_000],
  ['7 days at 5 s', 7 * DAY, 5_000, 600, 1_800_000],
  ['30 days at 5 s', 30 * DAY, 5_000, 800, HOUR],
  ['10 minutes at 7 s', 600_000, 7_000, 600, 7_000],
  ['10 years', 3_653 * DAY, 5_000, 600, 7 * DAY],
  ['10 years in 10 points', 3_653 * DAY, 5_000, 10, 406 * DAY],
])('%s', (_, span, intervalMs, most, stepMs) => {
  const grid = gridOf({ from: NOON, to: NOON + span, most, intervalMs });
  expect(grid.stepMs).toBe(stepMs);
  expect(grid.first % stepMs).toBe(0);
  expect(grid.first).toBeLessThanOrEqual(NOON);
  expect(grid.first + grid.count * stepMs).toBeGreaterThanOrEqual(NOON + span);
});

test('never has more steps than asked for, wherever the range begins', () => {
  for (let n = 0; n < 3_000; n++) {
    const from = NOON + Math.floor(Math.random() * DAY);
    const to = from + Math.ceil(Math.random() ** 4 * 4_000 * DAY) + 1;
    const most = 10 + Math.floor(Math.random() * 900);
    const grid = gridOf({ from, to, most, intervalMs: [1_000, 5_000, 60_000, 300_000][n % 4] ?? 5_000 });
    expect(grid.count).toBeLessThanOrEqual(most);
    expect(grid.count).toBeGreaterThan(0);
  }
});
