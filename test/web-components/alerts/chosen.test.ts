import { expect, test } from 'vitest';
import { stillThere, toggled, toggledAll } from '../../../web-components/alerts/chosen.ts';

const group = [{ id: 'a' }, { id: 'b' }];
const set = (...ids: string[]) => new Set(ids);

test('one is added, and taken away again', () => {
  expect(toggled(set('a'), 'b')).toEqual(set('a', 'b'));
  expect(toggled(set('a', 'b'), 'b')).toEqual(set('a'));
});

test('a group is chosen as a whole, and given up as a whole, without what else is chosen', () => {
  expect(toggledAll(set('x', 'a'), group)).toEqual(set('x', 'a', 'b'));
  expect(toggledAll(set('x', 'a', 'b'), group)).toEqual(set('x'));
});

test('what is gone is no longer chosen, and the set stays the same while all is there', () => {
  const chosen = set('a', 'gone');
  expect(stillThere(chosen, group)).toEqual(set('a'));
  const all = set('a');
  expect(stillThere(all, group)).toBe(all);
});
