import { spawnSync } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { OpenedHistory } from '../../../appliance/history/open.ts';
import { StorageError } from '../../../appliance/store/errors.ts';
import { stopAfter } from '../../helpers/failing-disk.ts';
import { askHost, type HistoryBench, HOST, historyBench, NOON, readAll, sender } from '../../helpers/history.ts';
import { isOn } from '../../helpers/history-place.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const HOUR = 3_600_000;
const bench = () => historyBench(temporaryDirectory());
const rows = (count: number, from = 0) => Array.from({ length: count }, (_, n) => [(from + n) * 5_000, from + n]);

describe.each(['torn', 'sync'] as const)('when what lies below fails (%s)', (mode) => {
  test('nothing is acknowledged, and what was taken becomes durable when the disk works again', async () => {
    const made = bench();
    const history = await made.open();
    const agent = sender(history);
    await history.append([agent.frame(NOON, [0, 0])]);
    made.disk.mode = mode;
    const refused = history.append([agent.frame(NOON + 5_000, [1, 1]), agent.frame(NOON + 10_000, [2, 2])]);
    await expect(refused).rejects.toBeInstanceOf(StorageError);
    expect(history.durableMark(agent.stream)).toBe(1);
    expect(history.highWaterMark(agent.stream)).toBe(3);
    made.disk.mode = 'works';
    await until(() => history.durableMark(agent.stream) === 3, { what: 'the frames were written after all' });
    await history.append([agent.frame(NOON + 15_000, [3, 3])]);
    await history.close();
    const again = await made.open();
    expect((await readAll(again)).a).toEqual(rows(4));
    expect(again.durableMark(agent.stream)).toBe(4);
    expect(again.stats().openFrames).toBe(4);
  });

  test('the agent may send the same frames again before and after, and they count once', async () => {
    const made = bench();
    const history = await made.open();
    const agent = sender(history);
    const frames = [agent.frame(NOON, [0, 0]), agent.frame(NOON + 5_000, [1, 1])];
    made.disk.mode = mode;
    await expect(history.append(frames)).rejects.toBeInstanceOf(StorageError);
    await expect(history.append(frames)).rejects.toBeInstanceOf(StorageError);
    made.disk.mode = 'works';
    await until(() => history.append(frames).then(() => true), { what: 'the frames are durable' });
    await history.close();
    const again = await made.open();
    expect(again.stats().openFrames).toBe(2);
    expect((await readAll(again)).a).toEqual(rows(2));
  });

  test('while it lasts, a bounded number of frames is held and the rest is refused', async () => {
    const made = bench();
    const history = await made.open();
    const agent = sender(history, { metrics: ['a'] });
    made.disk.mode = mode;
    let refused = 0;
    const send = (count: number) => {
      const frames = Array.from({ length: count }, (_, n) => agent.frame(NOON + n, [n]));
      return history.append(frames).catch(() => {
        refused += 1;
      });
    };
    await send(19_999);
    await send(1_000);
    const mark = history.highWaterMark(agent.stream);
    await send(1_000);
    expect(history.highWaterMark(agent.stream)).toBe(mark);
    expect(refused).toBe(3);
    made.disk.mode = 'works';
    await until(() => history.durableMark(agent.stream) === mark, { what: 'what was held is durable' });
  });

  test('the log says so once, however often it is tried, and that it is over', async () => {
    const made = bench();
    const history = await made.open();
    const agent = sender(history);
    const told = () =>
      made.log.lines
        .map((line) => line.split(' {')[0])
        .filter((line) => /^History (was not|is written)/.test(line ?? ''));
    for (const times of [1, 2]) {
      made.disk.mode = mode;
      for (let n = 0; n < 3; n++)
        await expect(history.append([agent.frame(NOON, [0, 0])])).rejects.toBeInstanceOf(StorageError);
      made.disk.mode = 'works';
      await until(() => told().length === 2 * times, { what: 'it is told that it is over' });
    }
    const once = ['History was not written; it is tried again', 'History is written again'];
    expect(told()).toEqual([...once, ...once]);
    await history.close();
  });

  test('a period that cannot be sealed stays readable and is sealed later', async () => {
    const made = bench();
    const history = await made.open();
    const agent = sender(history);
    for (let n = 0; n < 5; n++) await history.append([agent.frame(NOON + n * 5_000, [n, n])]);
    made.now = NOON + 3 * HOUR;
    made.disk.mode = mode;
    await expect(history.tend()).rejects.toBeInstanceOf(StorageError);
    expect((await readAll(history)).a).toEqual(rows(5));
    made.disk.mode = 'works';
    await history.tend();
    expect(history.stats()).toMatchObject({ partitions: 2, openFrames: 0 });
    expect((await readAll(history)).a).toEqual(rows(5));
  });
});

const onDisk = isOn('NeDB') ? test.runIf(process.platform === 'linux' && process.getuid?.() === 0) : () => undefined;

onDisk(
  'on a real disk that runs full nothing is acknowledged that is not there later, and it goes on when space is back',
  async ({ skip }) => {
    const dir = temporaryDirectory();
    const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', dir]).status === 0;
    skip(!isMounted, 'this machine mounts no tmpfs');
    onTestFinished(() => void spawnSync('umount', ['-l', dir]));
    const made = historyBench(dir);
    const history = await made.open();
    const agent = sender(history, { metrics: Array.from({ length: 100 }, (_, n) => `m${n}`) });
    let refused = 0;
    for (let n = 0; refused === 0; n++) {
      const values = agent.series.map(() => Math.random());
      await history.append([agent.frame(NOON + n * 5_000, values)]).catch(() => {
        refused += 1;
      });
    }
    const durable = history.durableMark(agent.stream);
    expect(durable).toBeGreaterThan(50);
    expect(durable).toBeLessThan(agent.seq);
    expect(spawnSync('mount', ['-o', 'remount,size=16m', dir]).status).toBe(0);
    await until(() => history.durableMark(agent.stream) === agent.seq, { what: 'the waiting frame is durable' });
    const before = await readAll(history);
    await history.close();
    const again = await made.open();
    expect(again.durableMark(agent.stream)).toBe(agent.seq);
    expect(await readAll(again)).toEqual(before);
    expect(before.m0).toHaveLength(agent.seq);
    await again.close();
  },
  30_000,
);

/** Two hosts, rows before and after the end of a period, a seal with late rows, a skip, a host that is forgotten. */
async function story(made: HistoryBench, history: OpenedHistory, durable: Map<string, number>): Promise<void> {
  const agents = [sender(history), sender(history, { hostId: 'host-2', stream: 'agent-2/s' })];
  const send = async (n: number) => {
    for (const agent of agents) {
      await history.append([agent.frame(NOON + n * 5_000, [n, n])]);
      durable.set(`${agent.hostId} ${n}`, n);
    }
  };
  const [first] = agents;
  for (let n = 0; n < 4; n++) await send(n);
  for (let n = 1_436; n < 1_444; n++) await send(n);
  made.now = NOON + 2.2 * HOUR;
  await history.tend();
  await send(4);
  await history.skip({ hostId: HOST, stream: first?.stream ?? '', fromSeq: 14, toSeq: 20, reason: 'overflow' });
  if (first) first.seq = 20;
  for (let n = 1_444; n < 1_446; n++) await send(n);
  made.now = NOON + 5 * HOUR;
  await history.tend();
}

async function check(made: HistoryBench, durable: ReadonlyMap<string, number>): Promise<void> {
  const history = await made.open();
  for (const hostId of [HOST, 'host-2']) {
    const { a = [] } = await readAll(history, { hostId, to: NOON + 6 * HOUR });
    const times = a.map(([at]) => at / 5_000);
    expect(a.every(([at, value]) => at / 5_000 === value)).toBe(true);
    expect(new Set(times).size).toBe(times.length);
    const acknowledged = [...durable].filter(([key]) => key.startsWith(`${hostId} `)).map(([, n]) => n);
    expect(times).toEqual(expect.arrayContaining(acknowledged));
    expect(times.length - acknowledged.length).toBeLessThanOrEqual(1);
    const raw = await askHost(history, { hostId, from: NOON, to: NOON + 6 * HOUR, maxPoints: 1_000_000, metrics: 'a' });
    expect(raw.series[0]?.min).toEqual(raw.series[0]?.max);
  }
  made.now = NOON + 9 * HOUR;
  await history.tend();
  expect(history.stats().openFrames).toBe(0);
  await history.close();
}

/** Every place on a strict run, every fifth one otherwise: it is the same story each time. Odd, to meet writes before and after. */
const STRIDE = process.env.REEVE_TEST_STRICT !== '1' ? 5 : isOn('NeDB') ? 1 : 3;

test('stopped after any write or sync, a start loses and doubles nothing that was acknowledged', async () => {
  for (let stop = 0; ; stop += STRIDE) {
    const made = bench();
    const durable = new Map<string, number>();
    const { stopped } = stopAfter(made.disk, stop);
    const running = await made.open().catch(() => undefined);
    if (running) await story(made, running, durable).catch(() => undefined);
    const isEnd = !stopped();
    const copy = await made.killed();
    await running?.close().catch(() => undefined);
    await check(copy, durable);
    if (isEnd) {
      expect(stop).toBeGreaterThan(60);
      expect(durable.size).toBe(30);
      break;
    }
  }
}, 240_000);
