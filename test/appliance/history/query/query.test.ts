import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { OpenedHistory } from '../../../../appliance/history/open.ts';
import { askHost, type HistoryBench, HOST, historyBench, NOON, sender } from '../../../helpers/history.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

const HOUR = 3_600_000;

interface Filled {
  made: HistoryBench;
  history: OpenedHistory;
}

/** `count` rows at 5 s from `NOON` on with a = n and b = −n, sealed where their period is over. */
async function filled(count: number, { leaveOut }: { leaveOut?: (n: number) => boolean } = {}): Promise<Filled> {
  const made = historyBench(temporaryDirectory());
  const history = await made.open();
  const agent = sender(history);
  const frames = [];
  for (let n = 0; n < count; n++) if (!leaveOut?.(n)) frames.push(agent.frame(NOON + n * 5_000, [n, -n]));
  for (let at = 0; at < frames.length; at += 500) {
    made.now = frames[Math.min(at + 499, frames.length - 1)]?.at ?? 0;
    await history.append(frames.slice(at, at + 500));
    await history.tend();
  }
  made.now = NOON + count * 5_000;
  return { made, history };
}

describe('steps', () => {
  test('hold average, least and most of their rows, over sealed periods and the open one', async () => {
    const { history } = await filled(3_000);
    expect(history.stats()).toMatchObject({ partitions: 4, openFrames: 120 });
    const answer = await askHost(history, { hostId: HOST, from: NOON, to: NOON + 15_000_000, maxPoints: 300 });
    expect(answer).toMatchObject({ hostId: HOST, stepMs: 60_000, resolution: '1m', intervalMs: 5_000, gaps: [] });
    expect(answer.at).toEqual(Array.from({ length: 250 }, (_, step) => NOON + step * 60_000));
    const [a, b] = answer.series;
    expect(a).toMatchObject({ id: 1, metric: 'a', attributes: {} });
    expect(a?.min).toEqual(Array.from({ length: 250 }, (_, step) => step * 12));
    expect(a?.max).toEqual(Array.from({ length: 250 }, (_, step) => step * 12 + 11));
    expect(a?.average).toEqual(Array.from({ length: 250 }, (_, step) => step * 12 + 5.5));
    expect(b?.min).toEqual(Array.from({ length: 250 }, (_, step) => -(step * 12 + 11)));
  });

  test('count rows from `from` up to, not including, `to`', async () => {
    const { history } = await filled(100);
    const answer = await askHost(history, { hostId: HOST, from: NOON + 50_000, to: NOON + 100_000, maxPoints: 100 });
    expect(answer.series[0]?.average).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  test('as fine as the rows hold one row each, also when ticks are a little early or late', async () => {
    const made = historyBench(temporaryDirectory());
    const history = await made.open();
    const agent = sender(history);
    const jitter = [0, -900, 700, -300, 1_100, -1_200, 0, 900];
    await history.append(jitter.map((ms, n) => agent.frame(NOON + n * 5_000 + ms, [n, n])));
    const answer = await askHost(history, { hostId: HOST, from: NOON, to: NOON + 40_000, maxPoints: 600 });
    expect(answer.series[0]?.average).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('are fewer for a host with very many series', async () => {
    const made = historyBench(temporaryDirectory());
    const history = await made.open();
    const metrics = Array.from({ length: 2_000 }, (_, n) => `m${n}`);
    const agent = sender(history, { metrics });
    await history.append([
      agent.frame(
        NOON,
        metrics.map((_, n) => n),
      ),
    ]);
    const answer = await askHost(history, { hostId: HOST, from: NOON, to: NOON + 24 * HOUR, maxPoints: 5_000 });
    expect(answer.at.length).toBeLessThanOrEqual(500);
    expect(answer.series).toHaveLength(2_000);
  });
});

describe('the choice of series', () => {
  test.each([
    ['cpu', ['cpu{core="0"}', 'cpu{core="1"}']],
    ['cpu{core="1"}', ['cpu{core="1"}']],
    ['memory,cpu{core="0"}', ['cpu{core="0"}', 'memory']],
    ['nothing', []],
    [undefined, ['cpu{core="0"}', 'cpu{core="1"}', 'memory']],
  ])('%j', async (metrics, expected) => {
    const made = historyBench(temporaryDirectory());
    const history = await made.open();
    const cores = ['0', '1'].map((core) => ({ metric: 'cpu', attributes: { core } }));
    const series = history.declare(HOST, [...cores, { metric: 'memory', attributes: {} }]);
    const frame = {
      hostId: HOST,
      stream: 's',
      seq: 1,
      at: NOON,
      offsetMs: 0,
      intervalMs: 5_000,
      series,
      values: [1, 2, 3],
    };
    await history.append([frame]);
    const query = { hostId: HOST, from: NOON, to: NOON + 5_000, maxPoints: 10, ...(metrics && { metrics }) };
    const found = (await askHost(history, query)).series;
    const names = found.map(({ metric, attributes }) =>
      attributes.core ? `${metric}{core="${attributes.core}"}` : metric,
    );
    expect(names).toEqual(expected);
  });
});

describe('gaps', () => {
  test('are nulls, and told from the first missing to the next row', async () => {
    const { history } = await filled(300, { leaveOut: (n) => n >= 100 && n < 200 });
    const answer = await askHost(history, { hostId: HOST, from: NOON, to: NOON + 1_500_000, maxPoints: 600 });
    expect(answer.gaps).toEqual([{ from: NOON + 500_000, to: NOON + 1_000_000, reason: 'no data' }]);
    expect(answer.series[0]?.average.slice(98, 102)).toEqual([98, 99, null, null]);
  });

  test('of one or two missed samples are none', async () => {
    const { history } = await filled(100, { leaveOut: (n) => n === 50 });
    const answer = await askHost(history, { hostId: HOST, from: NOON, to: NOON + 500_000, maxPoints: 600 });
    expect(answer.gaps).toEqual([]);
    expect(answer.series[0]?.average[50]).toBeNull();
  });

  test('before the first and after the last row are told, the future is not', async () => {
    const { made, history } = await filled(10);
    made.now = NOON + HOUR;
    const answer = await askHost(history, { hostId: HOST, from: NOON - HOUR, to: NOON + 5 * HOUR, maxPoints: 5_000 });
    expect(answer.gaps).toEqual([
      { from: NOON - HOUR, to: NOON, reason: 'no data' },
      { from: NOON + 50_000, to: NOON + HOUR, reason: 'no data' },
    ]);
  });

  test('of a host that is not known are the whole range', async () => {
    const { history } = await filled(10);
    const answer = await askHost(history, { hostId: 'nobody', from: NOON, to: NOON + 40_000, maxPoints: 100 });
    expect(answer).toMatchObject({ series: [], gaps: [{ from: NOON, to: NOON + 40_000 }] });
  });
});

test('a query that is no longer wanted stops with the reason of its signal', async () => {
  const { history } = await filled(3_000);
  const gone = new AbortController();
  const query = { hostId: HOST, from: NOON, to: NOON + 15_000_000, maxPoints: 300, signal: gone.signal };
  const running = askHost(history, query);
  gone.abort(new Error('client went away'));
  await expect(running).rejects.toThrow('client went away');
  await expect(askHost(history, query)).rejects.toThrow('client went away');
});

test('queries while frames come and periods are sealed never miss or double a row', async () => {
  const made = historyBench(temporaryDirectory());
  const history = await made.open();
  const agent = sender(history);
  let sent = 0;
  let done = false;
  const writing = (async () => {
    for (; sent < 6_000; ) {
      const frames = Array.from({ length: 50 }, (_, n) => agent.frame(NOON + (sent + n) * 5_000, [sent + n, 1]));
      made.now = frames.at(-1)?.at ?? 0;
      const stored = history.append(frames);
      sent += 50;
      await stored;
      if (sent % 500 === 0) void history.tend();
    }
    done = true;
  })();
  let asked = 0;
  while (!done) {
    const before = sent;
    const answer = await askHost(history, {
      hostId: HOST,
      from: NOON,
      to: NOON + 30_000_000,
      maxPoints: 10_000,
      metrics: 'a',
    });
    const values = answer.series[0]?.average.filter((value) => value !== null) ?? [];
    expect(values).toEqual(Array.from({ length: values.length }, (_, n) => n));
    expect(answer.series[0]?.min).toEqual(answer.series[0]?.max);
    expect(values.length).toBeGreaterThanOrEqual(before);
    asked += 1;
    await nextTurn();
  }
  await writing;
  await history.tend();
  expect(asked).toBeGreaterThan(5);
  expect(history.stats().partitions).toBeGreaterThan(2);
}, 20_000);
