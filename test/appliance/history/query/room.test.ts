import { expect, test } from 'vitest';
import { Room, Rooms } from '../../../../appliance/history/query/room.ts';
import { parseSelectors } from '../../../../appliance/history/query/selectors.ts';
import { HOST, historyBench, NOON, sender } from '../../../helpers/history.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

test('columns of a room are apart from each other, and beyond what it holds still are', () => {
  const room = new Room();
  const columns = Array.from({ length: 40 }, () => room.column(5_000));
  for (const [at, column] of columns.entries()) column.fill(at);
  for (const [at, column] of columns.entries()) expect(column.every((value) => value === at)).toBe(true);
});

test('no room is lent to two at once', () => {
  const rooms = new Rooms(1);
  const first = rooms.take();
  const second = rooms.take();
  expect(second).not.toBe(first);
  rooms.give(first);
  rooms.give(second);
  expect(rooms.take()).toBe(first);
  expect(rooms.take()).not.toBe(second);
});

test('answers made in a room that others left are those made in none', async () => {
  const history = await historyBench(temporaryDirectory()).open();
  const agent = sender(history, { metrics: ['a', 'b', 'c'] });
  await history.append(Array.from({ length: 300 }, (_, n) => agent.frame(NOON + n * 5_000, [n, n % 3 ? -n : null, 7])));
  const room = new Room();
  for (const maxPoints of [300, 7, 40, 300]) {
    for (const values of [['average'], ['average', 'min', 'max', 'count'], ['max']] as const) {
      for (const metrics of ['a,b,c', 'b']) {
        const query = { hostIds: [HOST], from: NOON, to: NOON + 1_500_000, maxPoints, values, rounded: true };
        const asked = { ...query, selectors: parseSelectors(metrics) };
        const lent = await history.query({ ...asked, room });
        expect(lent).toEqual(await history.query(asked));
        room.clear();
      }
    }
  }
});
