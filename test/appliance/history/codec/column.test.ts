import { describe, expect, test } from 'vitest';
import { decodeColumn, type Effort, encodeColumn } from '../../../../appliance/history/codec/column.ts';

const gap = Number.NaN;
const seeded = (seed: number) => () => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return seed / 2 ** 32;
};
const random = seeded(7);
const many = (count: number, of: (n: number) => number) => Array.from({ length: count }, (_, n) => of(n));

function roundTrip(values: readonly number[], effort: Effort): number[] {
  const bytes = encodeColumn(Float64Array.from(values), values.length, effort);
  const out = new Float64Array(values.length + 3).fill(42);
  decodeColumn(bytes, values.length, out);
  expect([...out.subarray(values.length)]).toEqual([42, 42, 42]);
  return [...out.subarray(0, values.length)];
}

const columns: Record<string, readonly number[]> = {
  'one value': [3],
  'one gap': [gap],
  'only gaps': many(100, () => gap),
  'always the same': many(1_440, () => 97.5),
  'a short decimal': many(500, (n) => Math.round(Math.sin(n / 9) * 1_000) / 10),
  'nine decimals': many(50, (n) => n / 1e9),
  'shares of a counter that no decimal ends': many(300, () => Math.floor(random() * 999) / 1_333),
  'bytes in pages of 4 KiB': many(1_440, (n) => 2 ** 33 + Math.floor(n / 7) * 4_096),
  'times of every minute': many(1_440, (n) => 1_764_115_200_000 + n * 60_000),
  'steps down that are all the same': many(90, (n) => 5 - n / 4),
  'two values': [7, -3],
  'the same steps, and gaps': many(200, (n) => (n % 9 === 4 ? gap : n * 60)),
  'a counter': many(700, (n) => n * 1_000 + Math.floor(random() * 3)),
  'a counter that starts again': many(400, (n) => (n % 150) * 977),
  'negative numbers': many(300, () => -Math.round(random() * 5_000) / 100),
  'single peaks': many(600, (n) => (n % 97 === 0 ? 123_456_789_012 : 1)),
  'gaps at random': many(999, (n) => (random() < 0.3 ? gap : n * 0.5)),
  'a value, then gaps': many(1_000, (n) => (n === 0 ? 5 : gap)),
  'the edges of exact integers': [2 ** 53, -(2 ** 53), 2 ** 53 - 1, 0, 2 ** 50, -(2 ** 50), 2 ** 50 + 1],
  'the edges of what is written as integers': [2 ** 50, -(2 ** 50), 2 ** 50, -(2 ** 50), 0, 1],
  'tiny and huge': [Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE, 1e-300, 5e-324, 0.1 + 0.2],
  'random doubles': many(257, () => (random() - 0.5) * 10 ** Math.floor(random() * 600 - 300)),
  'rows one more than a block': many(33, (n) => n * n),
};

/** Integers of every size, in shapes that change within the column: levels, steps, slopes, quiet stretches and outliers. */
function anyColumn(): number[] {
  const size = 2 ** Math.floor(random() * 50);
  const page = random() < 0.3 ? 4_096 : 1;
  const power = 10 ** Math.floor(random() * 4);
  const rows = 1 + Math.floor(random() * 700);
  let level = Math.floor((random() - 0.5) * size);
  let quiet = 0;
  return many(rows, (n) => {
    if (n % 50 === 0) quiet = random();
    if (random() < 0.02) return gap;
    if (random() > quiet) level += Math.floor((random() - 0.5) * size ** random());
    const outlier = random() < 0.01 ? Math.floor(random() * 2 ** 49) : 0;
    const integer = Math.max(-(2 ** 49), Math.min(2 ** 49, level + outlier));
    return (integer - (integer % page)) / power + 0;
  });
}

test('two hundred columns of all shapes come back exactly, in either form', () => {
  for (let trial = 0; trial < 200; trial++) {
    const values = anyColumn();
    for (const effort of ['small', 'quick'] as const) expect(roundTrip(values, effort)).toEqual(values);
  }
});

test('carries run through as many bytes as there are', () => {
  // Values that are ever less likely push the lower end of the range towards its upper one.
  for (let rows = 2; rows < 120; rows++) {
    const values = many(rows, (n) => (n === rows - 1 ? 2 ** 40 : n % 2 === 0 ? 0 : 2 ** (n % 45)));
    expect(roundTrip(values, 'small')).toEqual(values);
  }
});

test('a zero below zero comes back as zero', () => {
  expect(roundTrip([1, -0, 3], 'small')).toEqual([1, 0, 3]);
});

describe.each(['small', 'quick'] as const)('a column written %s', (effort) => {
  test.each(Object.entries(columns))('comes back exactly: %s', (_, values) => {
    expect(roundTrip(values, effort)).toEqual([...values]);
  });
});

test('infinities are not sent here, but would come back as they were', () => {
  expect(roundTrip([1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 'small')).toEqual([1, Infinity, -Infinity]);
});

test('measurements of one minute take less than a byte each', () => {
  const load = many(1_440, (n) => Math.round((30 + 10 * Math.sin(n / 90) + random()) * 10) / 10);
  expect(encodeColumn(Float64Array.from(load), 1_440, 'small').length).toBeLessThan(1_440);
  expect(encodeColumn(Float64Array.from(many(1_440, () => 5)), 1_440, 'small').length).toBeLessThan(8);
});

test('a series that mostly rests takes a few bits for each of its rests', () => {
  const disk = many(1_440, () => (random() < 0.9 ? 0 : Math.floor(random() * 900) * 512));
  expect(encodeColumn(Float64Array.from(disk), 1_440, 'small').length).toBeLessThan(1_440 * 0.25);
});

test('damaged bytes never hang, never crash the process and never write outside', () => {
  for (const values of Object.values(columns)) {
    const good = encodeColumn(Float64Array.from(values), values.length, 'small');
    for (let trial = 0; trial < 40; trial++) {
      const bad = good.slice(0, 1 + Math.floor(random() * good.length));
      bad[Math.floor(random() * bad.length)] = Math.floor(random() * 256);
      const out = new Float64Array(values.length + 1).fill(42);
      try {
        decodeColumn(bad, values.length, out.subarray(0, values.length));
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      expect(out[values.length]).toBe(42);
    }
  }
});
