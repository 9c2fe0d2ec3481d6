import { expect, test } from 'vitest';
import { timeMarks, valueAxis } from '../../../../appliance/notifications/chart/axis.ts';
import { CHART, type ChartData, COLOUR_OF, chartOf, scalesOf } from '../../../../appliance/notifications/chart/draw.ts';
import { decodePng } from '../../../helpers/png.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TO = Date.UTC(2026, 10, 21, 13);
const FROM = TO - 2 * HOUR;

/** A share that is 30 %, has a gap of ten minutes, and is 95 % in the last half hour. */
const data: ChartData = {
  ...{ from: FROM, to: TO, unit: '1', threshold: 0.9, gapMs: 2 * MINUTE, timeZone: 'UTC' },
  breach: { from: TO - 30 * MINUTE, to: TO },
  points: Array.from({ length: 240 }, (_, n) => FROM + n * 30_000)
    .filter((at) => at < FROM + 40 * MINUTE || at > FROM + 50 * MINUTE)
    .map((at) => ({ at, value: at < TO - 30 * MINUTE ? 0.3 : 0.95, least: 0.25, most: 0.97 })),
};

const { x, y } = scalesOf(data);
const column = (at: number): number => Math.round(x(at));
const coloursIn = (png: Buffer, at: number): Set<string> => {
  const { at: pixel } = decodePng(png);
  return new Set(Array.from({ length: CHART.height }, (_, row) => pixel(column(at), row)));
};

test('the line is at the value, dark on white', () => {
  const { width, height, at } = decodePng(chartOf(data));
  expect([width, height]).toEqual([CHART.width, CHART.height]);
  expect(at(0, 0)).toBe('#ffffff');
  for (const [moment, value] of [
    [FROM + 20 * MINUTE, 0.3],
    [TO - 10 * MINUTE, 0.95],
  ] as const)
    expect(at(column(moment), Math.round(y(value)))).toBe(COLOUR_OF('line'));
});

test('a gap is a gap: neither line nor spread', () => {
  const colours = coloursIn(chartOf(data), FROM + 45 * MINUTE);
  expect(colours).not.toContain(COLOUR_OF('line'));
  expect(colours).not.toContain(COLOUR_OF('band'));
  expect(coloursIn(chartOf(data), FROM + 20 * MINUTE)).toContain(COLOUR_OF('band'));
});

test('the threshold is a dashed line over the whole width, with its words', () => {
  const { at } = decodePng(chartOf(data));
  const row = Math.round(y(0.9));
  const dashes = Array.from({ length: CHART.width }, (_, left) => at(left, row) === COLOUR_OF('threshold'));
  const changes = dashes.filter((is, n) => is !== dashes[n - 1]).length;
  expect(changes).toBeGreaterThan(50);
  const { threshold: _, ...rest } = data;
  const without = decodePng(chartOf({ ...rest, points: data.points }));
  const pixels = Array.from({ length: CHART.width * CHART.height }, (_each, n) =>
    without.at(n % CHART.width, Math.floor(n / CHART.width)),
  );
  expect(pixels).not.toContain(COLOUR_OF('threshold'));
});

test('the breach is shaded from where it began, and nothing before it is', () => {
  const png = chartOf(data);
  expect(coloursIn(png, TO - 20 * MINUTE)).toContain(COLOUR_OF('breach'));
  expect(coloursIn(png, TO - 30 * MINUTE)).toContain(COLOUR_OF('breachEdge'));
  expect(coloursIn(png, TO - 31 * MINUTE)).not.toContain(COLOUR_OF('breach'));
});

test('the same data gives the same bytes', () => {
  expect(chartOf(data).equals(chartOf(data))).toBe(true);
});

test('a full chart, noise and all, takes at most 40 KB and 50 ms of the processor', () => {
  let seed = 7;
  const noise = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const points = Array.from({ length: 300 }, (_, n) => {
    const value = noise();
    return { at: FROM + n * 24_000, value, least: value * noise(), most: value + (1 - value) * noise() };
  });
  const costs = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    expect(chartOf({ ...data, points }).length).toBeLessThanOrEqual(40_000);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  expect(Math.min(...costs)).toBeLessThanOrEqual(50);
});

test.each([
  ['a share that stays within 0 and 1', [0.2, 0.97], '1', [0, 1]],
  ['small values far from zero', [20.1, 20.4], 'Cel', [20.1, 20.4]],
  ['one value', [5, 5], '', [5, 6]],
  ['negative ones', [-3, 4], '', [-4, 4]],
  ['zero', [0, 0], '1', [0, 0.2]],
] as const)('the axis has room for %s', (_what, values, unit, [least, most]) => {
  const axis = valueAxis(values, unit);
  expect(axis.least).toBeCloseTo(least, 6);
  expect(axis.most).toBeCloseTo(most, 6);
  expect(axis.marks.length).toBeLessThanOrEqual(7);
});

test('marks of time are round on the clocks of the site, half-hour zones too', () => {
  const texts = (zone: string): string[] => timeMarks({ from: FROM, to: TO }, zone, 8).map(({ text }) => text);
  expect(texts('UTC')).toEqual(['11:00', '11:15', '11:30', '11:45', '12:00', '12:15', '12:30', '12:45', '13:00']);
  expect(texts('Asia/Kolkata')[0]).toBe('16:30');
  const days = timeMarks({ from: TO - 7 * 24 * HOUR, to: TO }, 'Europe/Berlin', 8).map(({ text }) => text);
  expect(days[0]).toBe('15 Nov');
});
