import { expect, test } from 'vitest';
import { changesOf, valueText } from '../../../web-components/trail/changes.ts';

test('only what differs is told, by its path', () => {
  const before = { name: 'nas', tags: ['a'], deep: { x: 1, y: 2 }, gone: true };
  const after = { name: 'nas01', tags: ['a'], deep: { x: 1, y: 3 }, fresh: null };
  expect(changesOf(before, after)).toEqual([
    { field: 'name', before: 'nas', after: 'nas01' },
    { field: 'deep.y', before: 2, after: 3 },
    { field: 'gone', before: true, after: undefined },
    { field: 'fresh', before: undefined, after: null },
  ]);
});

test('values that are no objects stand as a whole', () => {
  expect(changesOf(1, 2, 'value')).toEqual([{ field: 'value', before: 1, after: 2 }]);
  expect(changesOf(undefined, { a: 1 }, 'all')).toEqual([{ field: 'all', before: undefined, after: { a: 1 } }]);
});

test.each([
  [undefined, '–'],
  ['', '–'],
  [[], '–'],
  ['text', 'text'],
  [['a', 2], 'a, 2'],
  [{ set: true }, '{"set":true}'],
  [false, 'false'],
])('%j is read as %s', (value, text) => {
  expect(valueText(value)).toBe(text);
});
