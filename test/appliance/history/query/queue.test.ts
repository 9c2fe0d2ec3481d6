import { expect, test } from 'vitest';
import { QueryQueue } from '../../../../appliance/history/query/queue.ts';

const never = new AbortController().signal;

test('sessions take turns, each in its own order', async () => {
  const queue = new QueryQueue({ atOnce: 1, mostWaiting: 10 });
  const order: string[] = [];
  const first = await queue.enter('busy', never);
  const all = ['busy 1', 'busy 2', 'busy 3', 'calm 1', 'calm 2', 'late 1'].map(async (name) => {
    const leave = await queue.enter(name.slice(0, 4), never);
    order.push(name);
    leave();
  });
  first();
  await Promise.all(all);
  expect(order).toEqual(['busy 1', 'calm 1', 'late 1', 'busy 2', 'calm 2', 'busy 3']);
  expect([queue.running, queue.waiting]).toEqual([0, 0]);
});

test('a place that is given back twice is free once', async () => {
  const queue = new QueryQueue({ atOnce: 1, mostWaiting: 10 });
  const leave = await queue.enter('a', never);
  leave();
  leave();
  await queue.enter('a', never);
  expect(queue.running).toBe(1);
  const waiting = queue.enter('b', never);
  expect(queue.waiting).toBe(1);
  leave();
  expect(queue.running).toBe(1);
  expect(queue.waiting).toBe(1);
  void waiting;
});

test('one that is gone before its turn takes no place', async () => {
  const queue = new QueryQueue({ atOnce: 1, mostWaiting: 10 });
  const leave = await queue.enter('a', never);
  const gone = new AbortController();
  const waiting = queue.enter('b', gone.signal);
  const other = queue.enter('b', never);
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(queue.enter('c', gone.signal)).rejects.toThrow('gone');
  leave();
  (await other)();
  expect([queue.running, queue.waiting]).toEqual([0, 0]);
});
