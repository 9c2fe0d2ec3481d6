import { describe, expect, test } from 'vitest';
import { LANES } from '../../../appliance/history/lanes.ts';
import { DEFAULT_LIMITS, type HistoryLimits } from '../../../appliance/history/limits.ts';
import type { OpenedHistory } from '../../../appliance/history/open.ts';
import { askHost, HOST, historyBench, NOON, sender } from '../../helpers/history.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIDNIGHT = NOON - 12 * HOUR;

interface Row {
  at: number;
  value: number;
}

/** What a query must say, from all rows: for each step count, average, least and most. */
function naive(rows: readonly Row[], { from, to, stepMs }: { from: number; to: number; stepMs: number }) {
  const steps = new Map<number, number[]>();
  for (const { at, value } of rows) {
    if (at < from || at >= to) continue;
    const step = Math.floor(at / stepMs) * stepMs;
    steps.set(step, [...(steps.get(step) ?? []), value]);
  }
  return [...steps]
    .sort(([a], [b]) => a - b)
    .map(([at, values]) => ({
      at,
      average: values.reduce((sum, value) => sum + value, 0) / values.length,
      min: Math.min(...values),
      max: Math.max(...values),
    }));
}

async function asked(
  history: OpenedHistory,
  { from, to, maxPoints = 5_000 }: { from: number; to: number; maxPoints?: number },
) {
  const answer = await askHost(history, { hostId: HOST, from, to, metrics: 'a', maxPoints });
  const [series] = answer.series;
  const points = answer.at.flatMap((at, i) => {
    const [average, min, max] = [series?.average[i], series?.min[i], series?.max[i]];
    return average == null || min == null || max == null ? [] : [{ at, average, min, max }];
  });
  return { ...answer, points };
}

/** Every step holds what the rows say; nothing is lost, nothing is doubled. */
async function expectAll(
  history: OpenedHistory,
  rows: readonly Row[],
  range: { from: number; to: number; maxPoints?: number },
) {
  const { points, stepMs, resolution } = await asked(history, range);
  const expected = naive(rows, { ...range, stepMs });
  expect(points.map(({ at, min, max }) => [at, min, max])).toEqual(expected.map(({ at, min, max }) => [at, min, max]));
  // Means of tenths are kept in hundredths, once for each tier they went through.
  const off = expected.map(({ average }, i) => Math.abs((points[i]?.average ?? Number.NaN) - average));
  expect(Math.max(...off)).toBeLessThan(0.016);
  return { stepMs, resolution };
}

const value = (n: number): number => Math.round((50 + 40 * Math.sin(n / 50) + ((n * 7919) % 100) / 10) * 10) / 10;

function limited(keepMs: Partial<HistoryLimits['keepMs']>, budgetBytes = 20e9): () => HistoryLimits {
  return () => ({ ...DEFAULT_LIMITS, keepMs: { ...DEFAULT_LIMITS.keepMs, ...keepMs }, budgetBytes });
}

interface Fed {
  rows: Row[];
  history: OpenedHistory;
  made: ReturnType<typeof historyBench>;
  feed(from: number, to: number, options?: { stream?: string; late?: boolean }): Promise<void>;
  reopen(): Promise<OpenedHistory>;
}

async function fed(intervalMs: number, limits?: () => HistoryLimits): Promise<Fed> {
  const made = historyBench(temporaryDirectory());
  const options = limits ? { limits } : {};
  const fed: Fed = {
    rows: [],
    made,
    history: await made.open(options),
    async feed(from, to, { stream = 'agent-1/s', late = false } = {}) {
      const agent = sender(fed.history, { metrics: ['a'], intervalMs, stream });
      for (let at = from; at < to; ) {
        const frames = [];
        for (; at < to && frames.length < 1_000; at += intervalMs) {
          const n = Math.round(at / intervalMs);
          fed.rows.push({ at, value: value(n) });
          frames.push({ ...agent.frame(at, [value(n)]), late });
        }
        made.now = Math.max(made.now, at);
        await fed.history.append(frames);
        await fed.history.tend();
      }
    },
    async reopen() {
      await fed.history.close();
      fed.history = await made.open(options);
      return fed.history;
    },
  };
  return fed;
}

/** Days of rows are fed one by one. */
const PATIENCE = { timeout: 60_000 };

describe('tiers of a host at 10 s', PATIENCE, () => {
  test('answer what all its rows say, at every step, while the finer ones go', async () => {
    const bench = await fed(10_000, limited({ raw: 4 * HOUR, '1m': 2 * DAY, '5m': 4 * DAY }));
    const { made, rows } = bench;
    await bench.feed(MIDNIGHT, MIDNIGHT + 6 * DAY + 5 * HOUR);
    const to = MIDNIGHT + 6 * DAY + 5 * HOUR;
    const raw = await expectAll(bench.history, rows, { from: to - 3 * HOUR, to });
    expect(raw).toEqual({ stepMs: 10_000, resolution: 'raw' });
    expect(await expectAll(bench.history, rows, { from: to - DAY, to })).toEqual({ stepMs: MINUTE, resolution: '1m' });
    const days = await expectAll(bench.history, rows, { from: MIDNIGHT + 3 * DAY, to });
    expect(days).toEqual({ stepMs: 5 * MINUTE, resolution: '5m' });
    const all = await expectAll(bench.history, rows, { from: MIDNIGHT, to });
    expect(all).toEqual({ stepMs: HOUR, resolution: '1h' });
    await bench.reopen();
    await expectAll(bench.history, rows, { from: MIDNIGHT, to });
    await expectAll(bench.history, rows, { from: MIDNIGHT + 3 * DAY, to });
    expect(bench.history.stats().quarantined).toEqual([]);
    expect(made.partitions('raw', '2h').length).toBeLessThanOrEqual(4);
    // A day that is over is one partition.
    expect(made.partitions('1m', '2h').filter(({ spanMs }) => spanMs === DAY)).toHaveLength(2);
  });

  test('take late rows in without doubling any, also where the finer tiers are gone, and say which came late', async () => {
    const bench = await fed(10_000, limited({ raw: 4 * HOUR }));
    const { rows } = bench;
    const hole = { from: MIDNIGHT + 9 * HOUR, to: MIDNIGHT + 15 * HOUR };
    await bench.feed(MIDNIGHT, hole.from);
    await bench.feed(hole.to, MIDNIGHT + 2 * DAY);
    const before = await asked(bench.history, { from: MIDNIGHT, to: MIDNIGHT + DAY });
    expect(before.gaps.map(({ from, to }) => [from, to])).toEqual([[hole.from, hole.to]]);
    expect(before.late).toEqual([]);
    await bench.feed(hole.from, hole.to, { stream: 'agent-1/t', late: true });
    const check = async () => {
      await expectAll(bench.history, rows, { from: MIDNIGHT, to: MIDNIGHT + 2 * DAY });
      const day = await asked(bench.history, { from: MIDNIGHT, to: MIDNIGHT + DAY });
      expect(day.gaps).toEqual([]);
      expect(day.late).toHaveLength(1);
      expect(Math.abs((day.late[0]?.from ?? 0) - hole.from)).toBeLessThan(MINUTE);
      expect(Math.abs((day.late[0]?.to ?? 0) - hole.to)).toBeLessThan(MINUTE);
    };
    await check();
    bench.made.now += 2 * HOUR;
    await bench.history.tend();
    await check();
    bench.made.now += 2 * HOUR;
    await bench.history.tend();
    await check();
    await bench.reopen();
    await check();
    await expectAll(bench.history, rows, { from: MIDNIGHT, to: MIDNIGHT + 2 * DAY, maxPoints: 60 });
  });
});

test('a day that ends while its periods are sealed is not taken for complete: its open rows survive a crash', async () => {
  const made = historyBench(temporaryDirectory());
  made.now = MIDNIGHT + 21 * HOUR;
  // The lanes are sealed at half past ten; whoever looks at the clock after that finds the day over.
  let looks = 0;
  const now = () => {
    looks += 1;
    return looks <= LANES.length ? made.now : made.now + 2 * HOUR;
  };
  const history = await made.open({ now });
  const agent = sender(history, { metrics: ['a'], intervalMs: 10_000 });
  const rows = Array.from({ length: 150 }, (_, n) => ({ at: MIDNIGHT + 21 * HOUR + n * MINUTE, value: n }));
  await history.append(rows.slice(0, 90).map(({ at, value: n }) => agent.frame(at, [n])));
  made.now = MIDNIGHT + 22.5 * HOUR;
  looks = 0;
  await history.tend();
  const copy = await made.killed();
  copy.now = MIDNIGHT + DAY;
  const again = await copy.open();
  await expectAll(again, rows.slice(0, 90), { from: MIDNIGHT, to: MIDNIGHT + DAY });
});

describe('tiers of a host at 1 minute', PATIENCE, () => {
  test('begin with its own rows: 5 minutes when those go, hours each day, few partitions after months', async () => {
    const bench = await fed(MINUTE, limited({ '1m': 10 * DAY }));
    const { made, rows } = bench;
    const to = MIDNIGHT + 66 * DAY + 7 * HOUR;
    await bench.feed(MIDNIGHT, to);
    expect(made.partitions('1m', 'day')).toEqual([]);
    expect(await expectAll(bench.history, rows, { from: to - 3 * DAY, to })).toEqual({
      stepMs: MINUTE,
      resolution: 'raw',
    });
    const weeks = await expectAll(bench.history, rows, { from: to - 15 * DAY, to });
    expect(weeks).toEqual({ stepMs: 5 * MINUTE, resolution: '5m' });
    await expectAll(bench.history, rows, { from: MIDNIGHT, to, maxPoints: 2_000 });
    const hours = await expectAll(bench.history, rows, { from: MIDNIGHT, to, maxPoints: 2_000 });
    expect(hours).toEqual({ stepMs: HOUR, resolution: '1h' });
    expect(made.partitions('1h', 'day').length).toBeLessThan(14);
    await bench.reopen();
    await expectAll(bench.history, rows, { from: MIDNIGHT, to, maxPoints: 2_000 });
  });
});

describe('the disk budget', PATIENCE, () => {
  test('lets the oldest raw rows go first, then minutes, and keeps what is coarser', async () => {
    const budget = { bytes: 20e9 };
    const bench = await fed(10_000, () => limited({ raw: 10 * DAY }, budget.bytes)());
    const { rows } = bench;
    const to = MIDNIGHT + 3 * DAY;
    await bench.feed(MIDNIGHT, to);
    const sizeOf = (tier: string) => bench.history.stats().tiers.find((each) => each.tier === tier)?.bytes ?? 0;
    const [raw, minutes] = [sizeOf('raw'), sizeOf('1m')];
    budget.bytes = bench.history.stats().bytes - raw / 8;
    await bench.history.tend();
    expect(bench.history.stats().bytes).toBeLessThanOrEqual(budget.bytes);
    expect(sizeOf('raw')).toBeLessThan(raw);
    expect(sizeOf('raw')).toBeGreaterThan(0);
    expect(sizeOf('1m')).toBe(minutes);
    expect((await expectAll(bench.history, rows, { from: MIDNIGHT, to })).resolution).toBe('1m');
    expect((await expectAll(bench.history, rows, { from: to - 6 * HOUR, to })).resolution).toBe('raw');
    budget.bytes = 1;
    bench.made.now += HOUR;
    await bench.history.tend();
    expect(sizeOf('raw') + sizeOf('1m')).toBe(0);
  });
});
