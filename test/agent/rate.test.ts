import { describe, expect, it } from 'vitest';
import { Growth, Instances, Rate } from '../../agent/rate.ts';

describe('a rate', () => {
  it('is growth over the true elapsed time, whatever the interval should have been', () => {
    const rate = new Rate();
    expect(rate.next(1000, 0)).toBeUndefined();
    expect(rate.next(2000, 4000)).toBe(250);
    expect(rate.next(2000, 9000)).toBe(0);
  });

  it('is nothing once after a reset, and right again at the next reading', () => {
    const rate = new Rate();
    rate.next(1_000_000, 0);
    expect(rate.next(50, 1000)).toBeUndefined();
    expect(rate.next(150, 2000)).toBe(100);
  });

  it('is nothing when no time has passed or a number is missing', () => {
    const rate = new Rate();
    rate.next(1, 0);
    expect(rate.next(2, 0)).toBeUndefined();
    expect(rate.next(Number.NaN, 1000)).toBeUndefined();
    expect(rate.next(5, 2000)).toBeUndefined();
  });

  it('holds beyond 2^53 as well as a double can', () => {
    const rate = new Rate();
    rate.next(2 ** 60, 0);
    expect(rate.next(2 ** 60 + 2 ** 20, 1000)).toBe(2 ** 20);
  });
});

describe('growth', () => {
  it('is what was added, and nothing after a reset', () => {
    const growth = new Growth();
    expect([growth.next(5), growth.next(8), growth.next(1), growth.next(1)]).toEqual([undefined, 3, undefined, 0]);
  });
});

describe('instances', () => {
  it('are forgotten when a round does not name them', () => {
    const made: string[] = [];
    const gone: string[] = [];
    const instances = new Instances((name) => made.push(name));
    const round = (...names: string[]) => {
      for (const name of names) instances.get(name);
      instances.sweep((name) => gone.push(name));
    };
    round('a', 'b');
    round('a');
    round('a', 'b');
    expect(made).toEqual(['a', 'b', 'b']);
    expect(gone).toEqual(['b']);
  });
});
