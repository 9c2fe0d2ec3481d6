import { expect, test } from 'vitest';
import { type HistoryBench, HOST, historyBench, NOON, sender } from '../../helpers/history.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { countsOf, exported, saidBy } from '../../helpers/transfer.ts';

const HOUR = 3_600_000;

/** Does something else before the first write of marks, a commit or chunks, while whoever writes waits. */
function before(
  what: keyof HistoryBench['place']['signs'],
  { disk, place }: HistoryBench,
  act: () => Promise<unknown>,
): { readonly isDone: boolean } {
  const cut = { isDone: false };
  const text = place.signs[what];
  disk.onWrite = async (data) => {
    if (cut.isDone || !Buffer.from(data).includes(text)) return;
    cut.isDone = true;
    await act();
  };
  return cut;
}

function signal(): { given: Promise<void>; give: () => void } {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

async function started() {
  const made = historyBench(temporaryDirectory());
  const history = await made.open();
  const agent = sender(history, { metrics: ['a'] });
  await history.append([agent.frame(NOON, [1])]);
  return { made, history, agent };
}

test('a frame that is acknowledged while marks are written is known after a kill -9, also when its log is gone', async () => {
  const { made, history, agent } = await started();
  const cut = before('marks', made, () => history.append([agent.frame(NOON + 2.5 * HOUR, [2])]));
  made.now = NOON + 3 * HOUR;
  await history.tend();
  expect([cut.isDone, history.durableMark(agent.stream)]).toEqual([true, 2]);
  // Its own period is sealed, and the host has said nothing more.
  made.now = NOON + 6 * HOUR;
  await history.tend();
  const again = await (await made.killed()).open();
  expect(again.durableMark(agent.stream)).toBe(2);
  // An agent that has not heard of it sends it again.
  const repeated = { ...sender(again, { metrics: ['a'] }).frame(NOON + 2.5 * HOUR, [2]), seq: 2 };
  await again.append([repeated]);
  expect(countsOf(saidBy(await exported(again))).raw).toBe(2);
});

test('a loss that is told while marks are written is known after a kill -9, at once and when its log is gone', async () => {
  const { made, history, agent } = await started();
  const skip = { hostId: HOST, stream: agent.stream, fromSeq: 2, toSeq: 100, reason: 'overflow' };
  const cut = before('marks', made, () => history.skip(skip));
  made.now = NOON + 3 * HOUR;
  await history.tend();
  expect([cut.isDone, history.durableMark(agent.stream)]).toEqual([true, 100]);
  expect((await (await made.killed()).open()).durableMark(agent.stream)).toBe(100);
  const other = sender(history, { hostId: 'another', stream: 'another/1', metrics: ['a'] });
  await history.append([other.frame(NOON + 3 * HOUR, [1])]);
  made.now = NOON + 6 * HOUR;
  await history.tend();
  expect((await (await made.killed()).open()).durableMark(agent.stream)).toBe(100);
});

test('a kill -9 while a commit is on its way during a seal is not told as a missing commit later', async () => {
  const { made, history, agent } = await started();
  const commit = signal();
  const sealing = before('chunks', made, async () => {
    const isOnItsWay = signal();
    before('commit', made, () => {
      isOnItsWay.give();
      return commit.given;
    });
    void history.append([agent.frame(NOON + 3 * HOUR, [2])]);
    await isOnItsWay.given;
  });
  made.now = NOON + 3 * HOUR;
  await history.tend();
  expect([sealing.isDone, history.durableMark(agent.stream)]).toEqual([true, 1]);
  const second = await made.killed();
  commit.give();
  const next = await second.open();
  await next.append([sender(next, { metrics: ['a'] }).frame(NOON + 3 * HOUR, [2])]);
  const third = await (await second.killed()).open();
  expect([third.durableMark(agent.stream), third.stats().quarantined]).toEqual([2, []]);
});
