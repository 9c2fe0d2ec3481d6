import { expect, it } from 'vitest';
import { liveThroughOutage } from '../helpers/outage.ts';

// The large form of it is `npm run bench -- outage`.
it('five agents with a quarter of an hour on disk: everything is back within 60 s, and the frames of now take less than 1 s', async () => {
  const frames = 180;
  const { backMs, latencies, stored } = await liveThroughOutage({ agents: 5, frames, awayMs: 2_000 });
  expect(stored).toEqual(Array.from({ length: 5 }, () => frames));
  expect(backMs).toBeLessThan(60_000);
  expect(latencies.length).toBeGreaterThanOrEqual(5);
  expect(Math.max(...latencies)).toBeLessThan(1_000);
});
