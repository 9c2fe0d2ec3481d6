import { expect, test } from 'vitest';
import { waitOf } from '../../../appliance/history/intake.ts';

test('a commit waits for half an interval, 5 s at most', () => {
  expect([1_000, 5_000, 10_000, 60_000].map((each) => waitOf(each, false))).toEqual([500, 2_500, 5_000, 5_000]);
});

test('to spare the storage it waits for an interval or 5 s, without holding up an agent’s next frame', () => {
  const waits = [1_000, 2_000, 5_000, 10_000, 60_000, 300_000].map((each) => waitOf(each, true));
  expect(waits).toEqual([3_000, 5_000, 5_000, 10_000, 60_000, 60_000]);
});
