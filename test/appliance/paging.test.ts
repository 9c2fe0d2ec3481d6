import { expect, test } from 'vitest';
import { pageOf } from '../../appliance/paging.ts';

const items = ['a', 'b', 'c', 'd', 'e'];
const key = (item: string): string => item;

test('pages follow each other without a hole and the last has no next', () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = pageOf(items, { cursor, limit: 2 }, key);
    seen.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  expect(seen).toEqual(items);
});

test('a page goes on behind an item that is gone meanwhile, and is empty behind the last', () => {
  expect(pageOf(items, { cursor: 'bb', limit: 2 }, key)).toEqual({ items: ['c', 'd'], next: 'd' });
  expect(pageOf(items, { cursor: 'z', limit: 2 }, key)).toEqual({ items: [] });
});
