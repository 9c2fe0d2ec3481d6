import { describe, expect, test } from 'vitest';
import { Ring } from '../../../web-components/live/ring.ts';

const points = (ring: Ring) => Array.from({ length: ring.length }, (_, i) => [ring.at(i), ring.value(i)]);

describe('a ring', () => {
  test('keeps the newest points and lets the oldest go', () => {
    const ring = new Ring(3);
    for (const at of [1, 2, 3, 4, 5]) ring.add(at, at * 10);
    expect(points(ring)).toEqual([
      [3, 30],
      [4, 40],
      [5, 50],
    ]);
    expect([ring.lastAt, ring.lastValue]).toEqual([5, 50]);
  });

  test('puts a late point where its time belongs', () => {
    const ring = new Ring(5);
    for (const at of [10, 20, 40]) ring.add(at, at);
    ring.add(30, 3);
    ring.add(5, 0.5);
    expect(points(ring).map(([at]) => at)).toEqual([5, 10, 20, 30, 40]);
  });

  test('puts a late point right also when it is full and has gone round', () => {
    const ring = new Ring(4);
    for (const at of [10, 20, 30, 40, 50, 60]) ring.add(at, at);
    ring.add(45, 4.5);
    expect(points(ring)).toEqual([
      [40, 40],
      [45, 4.5],
      [50, 50],
      [60, 60],
    ]);
    ring.add(1, 1);
    expect(points(ring)[0]).toEqual([40, 40]);
  });

  test('replaces a point of the same time, and holds a gap as NaN', () => {
    const ring = new Ring(4);
    ring.add(1, 1);
    ring.add(1, 2);
    ring.add(2, null);
    expect(points(ring)).toEqual([
      [1, 2],
      [2, Number.NaN],
    ]);
  });

  test('finds the first point from a time on', () => {
    const ring = new Ring(4);
    for (const at of [10, 20, 30]) ring.add(at, at);
    expect([0, 10, 11, 30, 31].map((from) => ring.indexFrom(from))).toEqual([0, 0, 1, 2, 3]);
    ring.clear();
    expect([ring.length, ring.lastAt, ring.lastValue]).toEqual([0, undefined, undefined]);
  });
});
