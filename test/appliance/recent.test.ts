import { describe, expect, test } from 'vitest';
import { inOrder } from '../../appliance/in-order.ts';
import { Recent } from '../../appliance/recent.ts';
import { seeded } from '../helpers/random.ts';

describe('what was used last', () => {
  test('stays, and what was not goes before the budget is used up', () => {
    const recent = new Recent<number, number[]>(100, ({ length }) => length);
    for (let key = 0; key < 1_000; key++) {
      recent.set(key, new Array(10));
      expect(recent.get(0)).toBeDefined();
    }
    const left = Array.from({ length: 1_000 }, (_, key) => recent.get(key)).filter((value) => value !== undefined);
    expect(left.length).toBeGreaterThanOrEqual(5);
    expect(left.length).toBeLessThanOrEqual(11);
  });

  test('may be replaced without being counted twice, and be more than the whole budget', () => {
    const recent = new Recent<string, number[]>(100, ({ length }) => length);
    recent.set('other', new Array(10));
    for (let n = 0; n < 100; n++) recent.set('same', new Array(30));
    expect(recent.get('other')).toBeDefined();
    recent.set('large', new Array(1_000));
    expect(recent.get('large')).toHaveLength(1_000);
    recent.clear();
    expect(recent.get('large')).toBeUndefined();
  });
});

test('a list is put in order as `sort` does, and stays as it is when it is', () => {
  const random = seeded(3);
  for (let n = 0; n < 200; n++) {
    const list = Array.from({ length: n % 7 }, (_, at) => ({ at, key: Math.floor(random() * 4) }));
    const sorted = [...list].sort((a, b) => a.key - b.key);
    expect(inOrder(list, ({ key }) => key)).toEqual(sorted);
  }
});
