import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Grade, Ticker } from '../../agent/ticker.ts';

const START = 1_790_000_040_000;
let offset = 0;
let ticks: { at: number; grade: Grade }[] = [];
let ticker: Ticker;

beforeEach(() => {
  vi.useFakeTimers({ now: START + 1_234 });
  offset = 0;
  ticks = [];
  const now = () => Date.now() + offset;
  ticker = new Ticker({ intervalMs: 5_000, now, onTick: (grade) => ticks.push({ at: now(), grade }) });
});
afterEach(() => {
  ticker.stop();
  vi.useRealTimers();
});
const times = (grade: Grade) => ticks.filter((tick) => tick.grade === grade).map(({ at }) => at - START);

describe('ticks', () => {
  it('fall on multiples of the interval', () => {
    ticker.start();
    vi.advanceTimersByTime(16_000);
    expect(times('durable')).toEqual([5_000, 10_000, 15_000]);
  });

  it('begin at least half an interval after the start', () => {
    vi.setSystemTime(START + 4_000);
    ticker.start();
    vi.advanceTimersByTime(7_000);
    expect(times('durable')).toEqual([10_000]);
  });

  it('fall on multiples in appliance time', () => {
    offset = 2_400;
    ticker.start();
    vi.advanceTimersByTime(11_000);
    expect(times('durable')).toEqual([10_000]);
    expect(ticks[0]?.at).toBe(START + 10_000);
  });

  it('do not double when a timer fires a little early, and go on when it fires late', () => {
    ticker.start();
    vi.advanceTimersByTime(3_766);
    vi.setSystemTime(START + 4_999);
    vi.advanceTimersByTime(10_001);
    expect(new Set(times('durable')).size).toBe(ticks.length);
    vi.setSystemTime(START + 60_000);
    vi.advanceTimersByTime(5_000);
    expect(times('durable').at(-1)).toBeGreaterThanOrEqual(60_000);
  });

  it('go on at once when the clock is set back an hour', () => {
    ticker.start();
    vi.advanceTimersByTime(5_000);
    const before = ticks.length;
    vi.setSystemTime(START - 3_600_000 + 1_000);
    vi.advanceTimersByTime(12_000);
    expect(ticks.length - before).toBeGreaterThanOrEqual(2);
  });

  it('come in between while somebody watches, and not after', () => {
    ticker.start();
    ticker.watch(1_000);
    vi.advanceTimersByTime(9_000);
    expect(times('durable')).toEqual([5_000, 10_000]);
    expect(times('watch')).toEqual([2_000, 3_000, 4_000, 6_000, 7_000, 8_000, 9_000]);
    ticker.watch(0);
    vi.advanceTimersByTime(10_000);
    expect(times('watch')).toHaveLength(7);
    expect(times('durable')).toEqual([5_000, 10_000, 15_000, 20_000]);
  });

  it('come at once for those who watch, also right after the start of a long interval', () => {
    ticker.set(60_000);
    ticker.start();
    ticker.watch(1_000);
    vi.advanceTimersByTime(2_000);
    expect(times('watch')).toEqual([2_000, 3_000]);
  });

  it('take up another interval', () => {
    ticker.start();
    ticker.set(60_000);
    vi.advanceTimersByTime(130_000);
    expect(times('durable')).toEqual([60_000, 120_000]);
    expect(ticker.intervalMs).toBe(60_000);
  });
});
