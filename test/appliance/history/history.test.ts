import { describe, expect, test } from 'vitest';
import { askHost, HOST, historyBench, NOON, readAll, sender } from '../../helpers/history.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const bench = () => historyBench(temporaryDirectory());
const SECOND = 1_000;
const HOUR = 3_600_000;

describe('frames', () => {
  test('are seen by queries at once and acknowledged when they are durable', async () => {
    const { open } = bench();
    const history = await open();
    const agent = sender(history);
    const stored = history.append([agent.frame(NOON, [1, 2])]);
    expect(history.highWaterMark(agent.stream)).toBe(1);
    expect(history.durableMark(agent.stream)).toBe(0);
    expect(await readAll(history)).toEqual({ a: [[0, 1]], b: [[0, 2]] });
    await stored;
    expect(history.durableMark(agent.stream)).toBe(1);
  });

  test('of many hosts in one moment share one commit with one sync', async () => {
    const { disk, open } = bench();
    const history = await open({ longestWaitMs: 20 });
    const agents = Array.from({ length: 10 }, (_, n) => sender(history, { hostId: `host-${n}`, stream: `s/${n}` }));
    await history.append([sender(history, { stream: 'first' }).frame(NOON, [1, 1])]);
    disk.syncs = 0;
    await Promise.all(agents.map((agent) => history.append([agent.frame(NOON, [1, 2])])));
    expect(disk.syncs).toBe(1);
  });

  test('are there after a restart, with marks, series and ids', async () => {
    const { open } = bench();
    const first = await open();
    const agent = sender(first);
    for (let n = 0; n < 300; n++) await first.append([agent.frame(NOON + n * 5 * SECOND, [n / 10, n % 2 ? null : n])]);
    const before = await readAll(first);
    const declared = first.seriesOf(HOST);
    await first.close();
    const second = await open();
    expect(second.highWaterMark(agent.stream)).toBe(300);
    expect(second.durableMark(agent.stream)).toBe(300);
    expect(second.seriesOf(HOST)).toEqual(declared);
    expect(await readAll(second)).toEqual(before);
    expect(second.declare(HOST, [{ metric: 'c', attributes: {} }])[0]?.id).toBe(3);
  });

  test('count once, however often they are sent', async () => {
    const { open } = bench();
    const history = await open();
    const agent = sender(history);
    const frames = [agent.frame(NOON, [1, 1]), agent.frame(NOON + 5_000, [2, 2])];
    await Promise.all([history.append(frames), history.append(frames), history.append(frames.slice(1))]);
    await history.append(frames);
    expect(history.stats().openFrames).toBe(2);
    await history.close();
    expect((await open()).stats().openFrames).toBe(2);
  });

  test('with a hole before them are refused as a whole', async () => {
    const { open } = bench();
    const history = await open();
    const agent = sender(history);
    const [first, , third] = [agent.frame(NOON, [1, 1]), agent.frame(NOON, [2, 2]), agent.frame(NOON, [3, 3])];
    await expect(history.append([first, third])).rejects.toMatchObject({ code: 'sequence' });
    expect(history.highWaterMark(agent.stream)).toBe(0);
    expect(history.stats().openFrames).toBe(0);
  });

  test('keep every double exactly, and make a gap of everything that is no finite number', async () => {
    const values = [2 ** 53, -(2 ** 53), 0.1 + 0.2, Number.MIN_VALUE, -1e-9, 1e300, 1 / 3, 0, -17.25, Number.MAX_VALUE];
    const gaps = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null, undefined as never];
    const { open, ...made } = bench();
    const first = await open();
    const metrics = [...values, ...gaps].map((_, n) => `m${n}`);
    const agent = sender(first, { metrics });
    await first.append([agent.frame(NOON, [...values, ...gaps])]);
    const expected = Object.fromEntries(values.map((value, n) => [`m${n}`, [[0, value]]]));
    expect(await readAll(first)).toEqual(expected);
    await first.close();
    const second = await open();
    expect(await readAll(second)).toEqual(expected);
    expect(made.log.lines.join()).not.toContain('damage');
  });

  test('that are back-filled lie under their own time, also in a period that is sealed', async () => {
    const made = bench();
    const history = await made.open();
    const live = sender(history);
    const late = sender(history, { stream: 'agent-1/stream-2' });
    for (let n = 0; n < 10; n++) await history.append([live.frame(NOON + n * 5_000, [n, n])]);
    made.now = NOON + 3 * HOUR;
    await history.tend();
    expect(history.stats()).toMatchObject({ partitions: 2, openFrames: 0 });
    for (let n = 10; n < 15; n++) await history.append([late.frame(NOON + n * 5_000, [n, n])]);
    const all = Array.from({ length: 15 }, (_, n) => [n * 5_000, n]);
    expect((await readAll(history)).a).toEqual(all);
    made.now += 2 * HOUR;
    await history.tend();
    expect(history.stats()).toMatchObject({ partitions: 4, openFrames: 0 });
    expect((await readAll(history)).a).toEqual(all);
    await history.close();
    const again = await made.open();
    expect((await readAll(again)).a).toEqual(all);
    expect(again.stats().openFrames).toBe(0);
  });

  test('out of the order of time are put into it', async () => {
    const made = bench();
    const history = await made.open();
    const agent = sender(history);
    for (const n of [5, 1, 4, 0, 3, 2]) await history.append([agent.frame(NOON + n * 5_000, [n, -n])]);
    made.now = NOON + 3 * HOUR;
    await history.tend();
    expect((await readAll(history)).b?.map(([at, value]) => [at, value + 0])).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) => [n * 5_000, 0 - n]),
    );
  });

  test('with a time that cannot be are written down as lost, and the stream goes on', async () => {
    const { open } = bench();
    const history = await open();
    const agent = sender(history);
    await history.append([
      agent.frame(NOON, [1, 1]),
      agent.frame(NOON + 10 * 365 * 24 * HOUR, [2, 2]),
      agent.frame(946_684_800_000, [3, 3]),
      agent.frame(NOON + 5_000, [4, 4]),
    ]);
    expect(history.durableMark(agent.stream)).toBe(4);
    expect((await readAll(history)).a).toEqual([
      [0, 1],
      [5_000, 4],
    ]);
  });

  test('of a host that changes its interval in mid-day are all there, in order', async () => {
    const made = bench();
    const history = await made.open();
    const options = { stream: 's/1', metrics: ['a'] };
    const expected: [number, number][] = [];
    let n = 0;
    for (const intervalMs of [5_000, 1_000, 60_000, 5_000]) {
      const agent = sender(history, { ...options, intervalMs });
      const jobs: Promise<void>[] = [];
      for (let i = 0; i < 20; i++, n++) {
        expected.push([n * 60_000, n]);
        jobs.push(history.append([agent.frame(NOON + n * 60_000, [n])]));
      }
      await Promise.all(jobs);
    }
    made.now = NOON + 30 * HOUR;
    await history.tend();
    expect(history.stats().openFrames).toBe(0);
    await history.close();
    const again = await made.open();
    const { a } = await readAll(again, { to: NOON + 2 * HOUR });
    expect(a).toEqual(expected);
    expect(again.durableMark('s/1')).toBe(80);
  });

  test('of an agent that was given to another host go to that one, and its marks too', async () => {
    const { open } = bench();
    const first = await open();
    const before = sender(first);
    await first.append([before.frame(NOON, [1, 1])]);
    const after = sender(first, { hostId: 'another' });
    await first.append([after.frame(NOON + 5_000, [2, 2])]);
    await first.forget(HOST);
    expect(first.highWaterMark(after.stream)).toBe(2);
    await first.close();
    const second = await open();
    expect(second.durableMark(after.stream)).toBe(2);
    expect(await readAll(second)).toEqual({});
    expect((await readAll(second, { hostId: 'another' })).a).toEqual([[5_000, 2]]);
  });

  test('may have thousands of series, and new ones in mid-period', async () => {
    const { open } = bench();
    const history = await open();
    const few = sender(history, { metrics: ['m0'] });
    await history.append([few.frame(NOON, [0])]);
    const metrics = Array.from({ length: 2_000 }, (_, n) => `m${n}`);
    const many = sender(history, { metrics });
    for (let n = 1; n <= 50; n++)
      await history.append([
        many.frame(
          NOON + n * 5_000,
          metrics.map((_, m) => m + n),
        ),
      ]);
    await history.close();
    const again = await open();
    const all = await askHost(again, { hostId: HOST, from: NOON, to: NOON + 255_000, maxPoints: 600 });
    expect(all.series).toHaveLength(2_000);
    expect(all.series[0]?.average[0]).toBe(0);
    expect(all.series[1_999]?.average.slice(-1)).toEqual([2_049]);
    expect(all.series[1_999]?.average[0]).toBeNull();
  });
});

describe('series', () => {
  test('beyond the most that a host may have are refused with an example, and those that are known still work', async () => {
    const history = await bench().open();
    const named = (count: number, from = 0) =>
      Array.from({ length: count }, (_, n) => ({ metric: 'requests', attributes: { id: `${from + n}` } }));
    for (let at = 0; at < 10_000; at += 2_000) history.declare(HOST, named(2_000, at));
    expect(() => history.declare(HOST, named(1, 10_000))).toThrow('requests{id="10000"}');
    expect(() => history.declare(HOST, named(1, 10_000))).toThrow(expect.objectContaining({ code: 'limit' }));
    expect(history.declare(HOST, named(2, 9_998)).map(({ id }) => id)).toEqual([9_999, 10_000]);
    expect(history.declare('another', named(1))[0]?.id).toBe(1);
  });

  test('with odd names keep them and their ids', async () => {
    const { open } = bench();
    const odd = [
      { metric: 'a.b c%$', attributes: { 'k.x': 'v"\\\n\u2028', __proto__x: '1' } },
      { metric: '__proto__', attributes: {} },
      { metric: 'ünï 🙂', attributes: { path: '/' } },
      { metric: 'ünï 🙂', attributes: { path: '/home' } },
    ];
    const first = await open();
    const series = first.declare(HOST, odd);
    expect(first.declare(HOST, [...odd].reverse())).toEqual([...series].reverse());
    const values = series.map(({ id }) => id);
    const frame = { hostId: HOST, stream: 's/1', seq: 1, at: NOON, offsetMs: 3, intervalMs: 5_000, series, values };
    await first.append([frame]);
    await first.close();
    const second = await open();
    expect(second.seriesOf(HOST).map(({ id, metric, attributes }) => ({ id, metric, attributes }))).toEqual(
      odd.map((each, n) => ({ id: n + 1, ...each })),
    );
    const answer = await askHost(second, { hostId: HOST, from: NOON, to: NOON + 5_000, maxPoints: 100 });
    expect(answer.series.map(({ average }) => average[0])).toEqual([1, 2, 3, 4]);
  });
});

describe('skips', () => {
  test('move the mark, survive a restart and explain the gap', async () => {
    const made = bench();
    const first = await made.open();
    const agent = sender(first);
    await first.append([agent.frame(NOON, [1, 1])]);
    await first.skip({ hostId: HOST, stream: agent.stream, fromSeq: 2, toSeq: 100, reason: 'overflow' });
    expect(first.durableMark(agent.stream)).toBe(100);
    agent.seq = 100;
    await first.append([agent.frame(NOON + 600_000, [2, 2])]);
    made.now = NOON + 600_000;
    const asked = { hostId: HOST, from: NOON, to: NOON + HOUR, maxPoints: 1_000 };
    const gaps = [{ from: NOON + 5_000, to: NOON + 600_000, reason: 'lost on the agent: its memory was full' }];
    expect((await askHost(first, asked)).gaps).toEqual(gaps);
    made.now = NOON + 3 * HOUR;
    await first.tend();
    await first.close();
    const second = await made.open();
    expect(second.durableMark(agent.stream)).toBe(101);
    expect((await askHost(second, { ...asked, to: NOON + 605_000 })).gaps).toEqual(gaps);
  });
});

describe('forgetting a host', () => {
  test('takes its rows, names and marks away, sealed and open, and leaves the others alone', async () => {
    const made = bench();
    const first = await made.open();
    const other = 'host-2';
    const agents = [sender(first), sender(first, { hostId: other, stream: 'agent-2/s' })];
    const fill = async (from: number) => {
      for (const agent of agents) {
        for (let n = 0; n < 5; n++) await first.append([agent.frame(from + n * 5_000, [n, n])]);
      }
    };
    await fill(NOON);
    made.now = NOON + 3 * HOUR;
    await first.tend();
    await fill(NOON + 3 * HOUR);
    const range = { to: NOON + 6 * HOUR };
    const kept = await readAll(first, { hostId: other, ...range });
    const taken = first.bytesOf(other);
    expect([first.bytesOf(HOST) > 0, taken > 0]).toEqual([true, true]);
    await first.forget(HOST);
    const check = async (history: typeof first) => {
      expect(await readAll(history, range)).toEqual({});
      expect(history.seriesOf(HOST)).toEqual([]);
      expect([history.bytesOf(HOST), history.bytesOf(other)]).toEqual([0, taken]);
      expect(history.highWaterMark('agent-1/stream-1')).toBe(0);
      expect(await readAll(history, { hostId: other, ...range })).toEqual(kept);
      expect(history.stats().quarantined).toEqual([]);
    };
    await check(first);
    await first.close();
    const second = await made.open();
    await check(second);
    expect(second.declare(HOST, [{ metric: 'new', attributes: {} }])[0]?.id).toBe(3);
  });
});
