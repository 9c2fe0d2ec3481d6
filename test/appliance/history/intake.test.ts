import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { waitOf } from '../../../appliance/history/intake.ts';
import { DEFAULT_LIMITS } from '../../../appliance/history/limits.ts';
import { historyBench, NOON, readAll, sender } from '../../helpers/history.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';
import { VirtualTime } from '../../helpers/virtual-time.ts';

test('a commit waits for half an interval, 5 s at most', () => {
  expect([1_000, 5_000, 10_000, 60_000].map((each) => waitOf(each, false))).toEqual([500, 2_500, 5_000, 5_000]);
});

test('to spare the storage it waits for ten intervals, half a minute at least and ten at most', () => {
  const waits = [1_000, 5_000, 30_000, 60_000, 300_000].map((each) => waitOf(each, true));
  expect(waits).toEqual([30_000, 50_000, 300_000, 600_000, 600_000]);
});

describe('where the storage is spared', () => {
  const HOUR = 3_600_000;
  const limits = () => ({ ...DEFAULT_LIMITS, isLowWear: true });

  /** A history whose commits wait by a clock that the test moves. */
  async function held() {
    const made = historyBench(temporaryDirectory());
    const time = new VirtualTime();
    const history = await made.open({ limits, pace: time.pace, longestWaitMs: Infinity });
    const pass = (ms: number) => time.runUntil(time.now + ms, () => nextTurn());
    return { made, history, pass };
  }

  test('frames of ten intervals are one commit; they are seen at once and acknowledged together', async () => {
    const { made, history, pass } = await held();
    const agent = sender(history);
    const done: number[] = [];
    for (let n = 0; n < 10; n++) {
      void history.append([agent.frame(NOON + n * 5_000, [n, n])]).then(() => void done.push(n));
      await pass(4_900);
    }
    expect((await readAll(history)).a).toHaveLength(10);
    expect([done, history.durableMark(agent.stream), made.disk.syncs]).toEqual([[], 0, expect.any(Number)]);
    const before = made.disk.syncs;
    await pass(5_000);
    await until(() => done.length === 10, { what: 'all are acknowledged' });
    expect([history.durableMark(agent.stream), made.disk.syncs - before]).toEqual([10, 1]);
  });

  test('frames that come together or late are not held: their agent waits for the last of them', async () => {
    const { history, pass } = await held();
    const agent = sender(history);
    const together = history.append([agent.frame(NOON, [1, 1]), agent.frame(NOON + 5_000, [2, 2])]);
    await pass(3_000);
    await together;
    const late = history.append([{ ...agent.frame(NOON - HOUR, [3, 3]), late: true }]);
    await pass(3_000);
    await late;
    expect(history.durableMark(agent.stream)).toBe(3);
  });

  test('a stop writes what is held', async () => {
    const { made, history } = await held();
    const agent = sender(history);
    void history.append([agent.frame(NOON, [1, 1])]);
    await history.close();
    const again = await made.open();
    expect(again.durableMark(agent.stream)).toBe(1);
  });
});
