import { describe, expect, test } from 'vitest';
import { keyTarget } from '../../../web-components/charts/gestures.ts';
import { areaOf, endLabels, placeLabels, timeAt, xOf, yOf } from '../../../web-components/charts/layout.ts';
import { axisTime, chartOption, cursorTime } from '../../../web-components/charts/options.ts';
import { SERIES_COLOURS, strokeOf } from '../../../web-components/charts/palette.ts';
import { axisFor } from '../../../web-components/charts/quantity.ts';
import { parseRange, printRange, rereadAfterMs, windowOf } from '../../../web-components/charts/range.ts';

const share = { unit: '1', options: {}, min: 0, max: 1 };

describe('the vertical axis', () => {
  test.each([
    [0.04, 0.1],
    [0.12, 0.2],
    [0.3, 0.5],
    [0.51, 1],
  ])('of shares begins at 0 and holds %d below %d', (high, max) => {
    expect(axisFor(share, { low: 0.01, high })).toEqual({ min: 0, max, step: max / 2 });
  });

  test('of bits is round in bits', () => {
    const { max, step } = axisFor({ unit: 'By/s', options: { bits: true } }, { low: 0, high: 12_000_000 });
    expect([max * 8, step * 8]).toEqual([100_000_000, 25_000_000]);
  });

  test('of memory is round in powers of two', () => {
    const axis = axisFor({ unit: 'By', options: { binary: true } }, { low: 0, high: 15.6 * 2 ** 30 });
    expect(axis).toEqual({ min: 0, max: 16 * 2 ** 30, step: 4 * 2 ** 30 });
  });

  test('of temperatures keeps room on both sides', () => {
    const { min, max } = axisFor({ unit: 'Cel', options: {} }, { low: 41, high: 43 });
    expect(min).toBeLessThan(41);
    expect(max).toBeGreaterThan(43);
  });

  test('without values or with one value is still an axis', () => {
    for (const extent of [undefined, { low: 0, high: 0 }, { low: 7, high: 7 }]) {
      const { min, max, step } = axisFor({ unit: 'x', options: {} }, extent);
      expect(max).toBeGreaterThan(min);
      expect(step).toBeGreaterThan(0);
    }
  });
});

describe('the plot', () => {
  const axis = { min: 0, max: 100, step: 25 };
  const area = areaOf({ width: 700, height: 200 }, 'full', { from: 1_000, to: 2_000, axis });

  test('turns times into places and back, within its edges', () => {
    const x = xOf(area, 1_500);
    expect(timeAt(area, x)).toBeCloseTo(1_500);
    expect([timeAt(area, -50), timeAt(area, 9_999)]).toEqual([1_000, 2_000]);
    expect([yOf(area, 0), yOf(area, 100)]).toEqual([area.top + area.height, area.top]);
  });

  test('puts labels at the ends where there is room', () => {
    expect([700, 450, 366].map((width) => endLabels({ width, height: 168 }, 3))).toEqual(['full', 'value', 'none']);
    expect(endLabels({ width: 900, height: 168 }, 12)).toBe('none');
  });

  test('keeps labels from covering each other and within itself', () => {
    const places = placeLabels([100, 101, 102, 500], { top: 10, height: 190 });
    const sorted = [...places].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i += 1)
      expect((sorted[i] ?? 0) - (sorted[i - 1] ?? 0)).toBeGreaterThanOrEqual(16);
    expect(Math.max(...places)).toBeLessThanOrEqual(200);
    expect(places.indexOf(Math.max(...places))).toBe(3);
  });
});

describe('the time axis', () => {
  const midnight = new Date(2026, 10, 21, 0, 0, 0).getTime();
  const noon = midnight + 12 * 3_600_000;

  test('says seconds, minutes or days, as the span needs', () => {
    expect(axisTime(noon, 60_000)).toBe('12:00:00');
    expect(axisTime(noon, 300_000)).toBe('12:00');
    expect(axisTime(midnight, 86_400_000)).toMatch(/21/);
    expect(axisTime(noon, 7 * 86_400_000)).toMatch(/21/);
  });

  test('and its cursor says the day when there are several', () => {
    expect(cursorTime(noon, 300_000)).toBe('12:00:00');
    expect(cursorTime(noon, 6 * 3_600_000)).toBe('12:00');
    expect(cursorTime(noon, 7 * 86_400_000)).toBe('2026-11-21 12:00');
  });
});

describe('a range', () => {
  test('stands in the address and comes back', () => {
    for (const text of ['1h', '24h', '7d', '30d', '1000-900000']) expect(printRange(parseRange(text))).toBe(text);
    expect(printRange({ kind: 'live' })).toBeUndefined();
  });

  test('that makes no sense is live', () => {
    for (const text of [null, undefined, '', 'x', '5-4', 'NaN-NaN', '5', '10-20']) {
      expect(parseRange(text).kind, String(text)).toBe('live');
    }
  });

  test('is a window up to now, or stands still', () => {
    expect(windowOf({ kind: 'live' }, 1_000_000)).toEqual({ from: 700_000, to: 1_000_000 });
    expect(windowOf({ kind: 'span', spanMs: 1_000 }, 5_000)).toEqual({ from: 4_000, to: 5_000 });
    expect(windowOf({ kind: 'fixed', from: 1, to: 2 }, 9)).toEqual({ from: 1, to: 2 });
    expect(rereadAfterMs({ kind: 'fixed', from: 1, to: 2 })).toBe(Number.POSITIVE_INFINITY);
    expect(rereadAfterMs({ kind: 'live' })).toBeLessThan(1_200 * 1_000);
  });
});

describe('keys on a chart', () => {
  const line = { id: '1', label: 'x', at: [10, 20, 30], average: [1, 2, 3] };
  test('walk over its points and stop at its ends', () => {
    expect(keyTarget('ArrowLeft', line, 30)).toBe(20);
    expect(keyTarget('ArrowRight', line, 30)).toBe(30);
    expect([keyTarget('Home', line, 30), keyTarget('End', line, 10)]).toEqual([10, 30]);
    expect(keyTarget('a', line, 30)).toBeUndefined();
  });
});

/** Contrast of two colours, WCAG 2.2. */
function contrast(a: string, b: string): number {
  const channel = (hex: string) => {
    const value = Number.parseInt(hex, 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const light = (colour: string) =>
    0.2126 * channel(colour.slice(1, 3)) + 0.7152 * channel(colour.slice(3, 5)) + 0.0722 * channel(colour.slice(5, 7));
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

describe('the colours of lines', () => {
  const health = ['#22c55e', '#eab308', '#f97316', '#ef4444', '#3b82f6', '#6b7280'];
  test('are seen on their ground, and none is a colour of health', () => {
    for (const [theme, ground] of [
      ['dark', '#12161d'],
      ['light', '#ffffff'],
    ] as const) {
      for (const colour of SERIES_COLOURS[theme]) {
        expect(contrast(colour, ground), colour).toBeGreaterThanOrEqual(4.5);
        expect(health).not.toContain(colour);
      }
    }
  });

  test('each go with a dash of their own', () => {
    const dashes = Array.from({ length: 8 }, (_, i) => strokeOf(i, 'dark').dash.join());
    expect(new Set(dashes).size).toBe(8);
    expect(strokeOf(8, 'dark')).toEqual(strokeOf(0, 'dark'));
  });
});

describe('what ECharts is told', () => {
  const area = areaOf({ width: 700, height: 200 }, 'full', { from: 0, to: 1_000, axis: { min: 0, max: 1, step: 0.5 } });
  const line = { id: '1', label: 'x', at: [0, 500], average: [0.5, null], min: [0.1, null], max: [0.9, null] };
  const drawing = {
    area,
    quantity: share,
    ink: { text: '#fff', grid: '#222', font: 'x' },
    strokes: [strokeOf(1, 'dark')],
  };

  test('is the average, and between least and most a band', () => {
    const { series } = chartOption({ ...drawing, lines: [line], style: 'line' });
    expect(series.map(({ id }) => id)).toEqual(['low 1', 'high 1', '1']);
    expect(series[1]?.data).toEqual([
      [0, 0.8],
      [500, null],
    ]);
    expect(series[2]).toMatchObject({
      connectNulls: false,
      data: [
        [0, 0.5],
        [500, null],
      ],
      animation: false,
    });
  });

  test('is a stack without bands', () => {
    const { series } = chartOption({ ...drawing, lines: [line], style: 'stack' });
    expect(series).toHaveLength(1);
    expect(series[0]).toMatchObject({ stack: 'all' });
  });

  test('writes values and times as everywhere else', () => {
    const { xAxis, yAxis } = chartOption({ ...drawing, lines: [], style: 'area' });
    expect(yAxis.axisLabel.formatter(0.5)).toBe('50\u00a0%');
    expect(xAxis.axisLabel.formatter(new Date(2026, 1, 1, 10, 5).getTime())).toBe('10:05:00');
  });
});
