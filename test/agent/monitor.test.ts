import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { collector } from '../../agent/collectors/collector.ts';
import { Monitor } from '../../agent/monitor.ts';
import { Rate } from '../../agent/rate.ts';
import { keptLog } from '../helpers/machine.ts';

const START = 1_790_000_040_000;

/** A counter that grows by 100 a second in the first half of every 10 s and stands still in the second. */
const uneven = collector({
  id: 'uneven',
  title: 'Uneven',
  settings: z.object({}),
  descriptors: [{ id: 'rate', title: 'Rate', unit: '1', kind: 'rate', rollup: 'average' }],
  read: {
    linux: () => {
      const rate = new Rate();
      return {
        read(put, { mono }) {
          const since = Date.now() - START;
          const counted = Math.floor(since / 10_000) * 500 + Math.min(5_000, since % 10_000) / 10;
          put('rate', rate.next(counted, mono));
        },
      };
    },
  },
});

let monitor: Monitor;
let frames: number;
let watched: { at: number; values: (number | null)[] }[];

beforeEach(() => {
  vi.useFakeTimers({ now: START + 1_234 });
  frames = 0;
  watched = [];
  monitor = new Monitor({
    log: keptLog(),
    intervalMs: 10_000,
    collectors: [uneven],
    onFrame: () => frames++,
    onWatch: (sample) => watched.push(sample),
    onClockSet: () => undefined,
  });
});
afterEach(() => {
  monitor.stop();
  vi.useRealTimers();
});

const kept = () => {
  const out = monitor.outbox.next({ frames: 100, numbers: 1_000 });
  return out?.kind === 'frames' ? out.frames : [];
};

describe('the monitor', () => {
  it('reads once at the start without rates, then on the grid of its interval', async () => {
    monitor.start();
    await vi.advanceTimersByTimeAsync(30_000);
    const all = kept();
    expect(all.map(({ at }) => at - START)).toEqual([1_234, 10_000, 20_000, 30_000]);
    expect(all.map(({ values }) => values.length)).toEqual([0, 2, 2, 2]);
    expect(frames).toBe(4);
  });

  it('keeps rates over the whole interval in what is stored, while watchers see each second', async () => {
    monitor.start();
    await vi.advanceTimersByTimeAsync(9_000);
    monitor.watch({ intervalMs: 1_000, leaseMs: 15_000 });
    await vi.advanceTimersByTimeAsync(20_000);
    const stored = kept().slice(2);
    for (const { values } of stored) expect(values[1]).toBeCloseTo(50, 0);
    const seen = watched.map(({ at, values }) => [at - START, Math.round(values[1] ?? -1)]);
    expect(seen.slice(0, 5)).toEqual([
      [11_000, 100],
      [12_000, 100],
      [13_000, 100],
      [14_000, 100],
      [15_000, 100],
    ]);
    expect(seen).toContainEqual([17_000, 0]);
  });

  it('reads no more than its interval when the lease is over, and again when it is renewed', async () => {
    monitor.start();
    monitor.watch({ intervalMs: 1_000, leaseMs: 3_000 });
    await vi.advanceTimersByTimeAsync(20_000);
    const count = watched.length;
    expect(count).toBeLessThanOrEqual(4);
    monitor.watch({ intervalMs: 1_000, leaseMs: 3_000 });
    await vi.advanceTimersByTimeAsync(2_500);
    expect(watched.length).toBeGreaterThan(count);
  });

  it('sends nothing in between where the interval is a second already', async () => {
    monitor.setInterval(1_000);
    monitor.start();
    monitor.watch({ intervalMs: 1_000, leaseMs: 15_000 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(watched).toEqual([]);
  });
});
