import { describe, expect, test } from 'vitest';
import { decimate } from '../../../web-components/charts/decimate.ts';
import { joinLine, type Past } from '../../../web-components/charts/join.ts';
import { extentOf, lastPoint, nearest, stackedHigh, valueAt } from '../../../web-components/charts/line.ts';
import { Ring } from '../../../web-components/live/ring.ts';

const named = { id: '1', label: 'CPU' };
const ringOf = (points: readonly (readonly [number, number | null])[]): Ring => {
  const ring = new Ring(100);
  for (const [at, value] of points) ring.add(at, value);
  return ring;
};
const past = (at: number[], average: (number | null)[], rest: Partial<Past> = {}): Past => ({
  at,
  average,
  min: average,
  max: average,
  to: 100_000,
  stepMs: 0,
  ...rest,
});
const all = { from: 0, to: 200_000, gapMs: 12_500 };

describe('history and live values as one line', () => {
  test('live begins where history ends, and nothing is drawn twice', () => {
    const line = joinLine(
      named,
      {
        past: past([90_000, 95_000, 100_000], [1, 2, 3]),
        tail: ringOf([
          [95_000, 9],
          [100_000, 9],
          [105_000, 4],
        ]),
      },
      all,
    );
    expect(line).toMatchObject({ at: [90_000, 95_000, 100_000, 105_000], average: [1, 2, 3, 4] });
    expect(line.min).toBeUndefined();
  });

  test('a gap stays a gap, in history and between history and now', () => {
    const line = joinLine(
      named,
      {
        past: past([10_000, 15_000, 60_000], [1, 1, 1]),
        tail: ringOf([
          [90_000, 2],
          [91_000, null],
          [92_000, 2],
        ]),
      },
      all,
    );
    expect(line.at).toEqual([10_000, 15_000, 15_001, 60_000, 60_001, 90_000, 91_000, 92_000]);
    expect(line.average).toEqual([1, 1, null, 1, null, 2, null, 2]);
  });

  test('points of longer steps stand in the middle of theirs, with a band', () => {
    const steps = past([0, 60_000], [0.5, 0.6], { min: [0.1, 0.2], max: [0.9, 1], stepMs: 60_000 });
    const line = joinLine(named, { past: steps, tail: undefined }, { ...all, gapMs: 12_500 });
    expect(line).toMatchObject({ at: [30_000, 90_000], average: [0.5, 0.6], min: [0.1, 0.2], max: [0.9, 1] });
  });

  test('empty steps shorter than the interval are no gaps', () => {
    const steps = past([0, 1_000, 2_000, 3_000, 4_000, 5_000], [1, null, null, null, null, 2], { stepMs: 1_000 });
    const line = joinLine(named, { past: steps, tail: undefined }, all);
    expect(line).toMatchObject({ at: [0, 5_000], average: [1, 2] });
  });

  test('an empty step of a long range is one', () => {
    const steps = past([0, 60_000, 120_000], [1, null, 1], { stepMs: 60_000, to: 180_000 });
    expect(joinLine(named, { past: steps, tail: undefined }, all).average).toContain(null);
  });

  test('shows nothing before the window or behind it', () => {
    const line = joinLine(
      named,
      {
        past: undefined,
        tail: ringOf([
          [1_000, 1],
          [50_000, 2],
          [300_000, 3],
        ]),
      },
      { ...all, from: 40_000 },
    );
    expect(line).toMatchObject({ at: [50_000], average: [2] });
  });
});

describe('a line', () => {
  const line = { ...named, at: [10, 20, 30, 40], average: [1, null, null, 4] };

  test('is pointed at where it has a value', () => {
    expect([0, 14, 24, 26, 99].map((at) => nearest(line, at))).toEqual([0, 0, 0, 3, 3]);
    expect(nearest({ ...named, at: [], average: [] }, 5)).toBeUndefined();
  });

  test('says nothing about a moment that is too far from any point', () => {
    expect([valueAt(line, 12, 5), valueAt(line, 25, 5), valueAt(line, 38, 5)]).toEqual([1, undefined, 4]);
  });

  test('ends at its last value', () => {
    expect(lastPoint({ ...line, average: [1, 2, null, null] })).toEqual({ at: 20, value: 2 });
    expect(lastPoint({ ...line, average: [null, null, null, null] })).toBeUndefined();
  });

  test('reaches as far as its band, and a stack as high as its sum', () => {
    expect(extentOf([{ ...line, min: [0, null, null, 2], max: [3, null, null, 9] }])).toEqual({ low: 0, high: 9 });
    expect(extentOf([])).toBeUndefined();
    expect(stackedHigh([line, { ...line, average: [2, 1, 1, 3] }])).toBe(7);
  });
});

describe('a line with more points than pixels', () => {
  const at = Array.from({ length: 10_000 }, (_, i) => i * 1_000);

  test('keeps every spike and at most two points a column', () => {
    const average = at.map((_, i) => (i === 5_003 ? 99 : i === 7_001 ? -99 : i % 7));
    const drawn = decimate({ ...named, at, average }, 300);
    expect(drawn.at.length).toBeLessThanOrEqual(600);
    expect(drawn.average).toContain(99);
    expect(drawn.average).toContain(-99);
    expect([...drawn.at].sort((a, b) => a - b)).toEqual(drawn.at);
  });

  test('keeps its gaps and the edges of its band', () => {
    const average = at.map((_, i) => (i > 3_000 && i < 3_010 ? null : 5));
    const max = at.map((_, i) => (i === 4_444 ? 50 : average[i] === null ? null : 6));
    const drawn = decimate({ ...named, at, average, min: average, max }, 300);
    expect(drawn.average).toContain(null);
    expect(drawn.max).toContain(50);
  });

  test('with fewer is left alone', () => {
    const few = { ...named, at: [1, 2], average: [1, 2] };
    expect(decimate(few, 300)).toBe(few);
  });
});
