import { expect, test } from 'vitest';
import type { OpenedHistory } from '../../../../appliance/history/open.ts';
import { stopAfter } from '../../../helpers/failing-disk.ts';
import { type HistoryBench, HOST, historyBench, NOON, sender } from '../../../helpers/history.ts';
import { isOn } from '../../../helpers/history-place.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';
import { countsOf, exported, saidBy } from '../../../helpers/transfer.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Minutes are made; raw rows go; 5 minutes are made and minutes go; hours are folded, 5 minutes go. */
const AGES = [1.3 * DAY, 3 * DAY, 35 * DAY, 400 * DAY];
const SLOW = 'host-slow';

/** Rows of a day and more of a host at 10 s, sparse, and of one at a minute; some of them late. All of them are durable. */
async function fill(made: HistoryBench): Promise<number> {
  const history = await made.open();
  const fast = sender(history, { intervalMs: 10_000, metrics: ['a'] });
  const slow = sender(history, { hostId: SLOW, stream: 'slow/1', intervalMs: 60_000, metrics: ['a'] });
  let sent = 0;
  for (let hour = 0; hour < 28; hour += 2) {
    const start = NOON + hour * HOUR;
    made.now = start + 2 * HOUR;
    for (const agent of [fast, slow]) {
      const times = Array.from({ length: 12 }, (_, n) => start + n * 600_000);
      await history.append(times.map((at) => agent.frame(at, [sent])));
      sent += times.length;
    }
    if (hour < 10) continue;
    await history.append([{ ...fast.frame(start - 8 * HOUR + 7_000, [1]), late: true }]);
    sent += 1;
  }
  await history.close();
  return sent;
}

async function age(made: HistoryBench, history: OpenedHistory, from: number): Promise<void> {
  for (const each of AGES.slice(from)) {
    made.now = NOON + each;
    await history.tend();
  }
}

/** Every place on a strict run, every seventeenth one otherwise; a database takes longer. Odd, to meet writes before and after. */
const STRIDE = process.env.REEVE_TEST_STRICT !== '1' ? 17 : isOn('NeDB') ? 1 : 9;

test('stopped between any two steps of making tiers, folding and dropping, no row is lost or counted twice', async () => {
  const made = historyBench(temporaryDirectory());
  const sent = await fill(made);
  let isEnd = false;
  for (let stop = 0; !isEnd; stop += STRIDE) {
    const copy = await made.killed();
    copy.now = NOON + 28 * HOUR;
    const gate = stopAfter(copy.disk, stop);
    const running = await copy.open().catch(() => undefined);
    if (running) await age(copy, running, 0).catch(() => undefined);
    isEnd = !gate.stopped();
    const after = await copy.killed();
    await running?.close().catch(() => undefined);
    const history = await after.open();
    const reached = AGES.findIndex((each) => NOON + each >= copy.now);
    await age(after, history, Math.max(0, reached));
    const counts = countsOf(saidBy(await exported(history)));
    expect(counts, `stopped after ${stop} writes and syncs`).toEqual({ '1h': sent });
    expect((await history.transfer.verify()).findings).toEqual([]);
    expect(history.seriesOf(HOST)).toHaveLength(1);
    await history.close();
    if (isEnd) expect(stop).toBeGreaterThan(40);
  }
}, 240_000);
