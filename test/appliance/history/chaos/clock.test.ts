import { expect, test } from 'vitest';
import { HOST, historyBench, NOON, sender } from '../../../helpers/history.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';
import { countsOf, exported, saidBy } from '../../../helpers/transfer.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test.each([
  ['an hour forward', HOUR],
  ['an hour back', -HOUR],
  ['a day forward', DAY],
  ['a day back', -DAY],
])(
  'a clock that jumps %s, and later back again, costs no frame and doubles none',
  async (_, jump) => {
    const made = historyBench(temporaryDirectory());
    let history = await made.open();
    const said: string[] = [];
    let n = 0;
    const send = async (count: number) => {
      const agents = [
        sender(history, { stream: 'fast/1', intervalMs: 10_000, metrics: ['a'] }),
        sender(history, { hostId: 'slow', stream: 'slow/1', intervalMs: 60_000, metrics: ['a'] }),
      ];
      for (let i = 0; i < count; i++) {
        // Never the same millisecond twice, so that each frame can be told from the others.
        made.now += 600_000 + 7;
        n += 1;
        for (const agent of agents) {
          await history.append([agent.frame(made.now, [n])]);
          said.push(`raw ${agent.hostId} a ${made.now}`);
        }
        await history.tend();
      }
    };
    await send(40);
    made.now += jump;
    await send(40);
    await history.close();
    history = await made.open();
    made.now -= jump;
    await send(40);
    await history.close();
    history = await made.open();
    expect([history.durableMark('fast/1'), history.durableMark('slow/1')]).toEqual([120, 120]);
    const kept = saidBy(await exported(history));
    const counts = countsOf(kept);
    expect((counts.raw ?? 0) + (counts['1m'] ?? 0)).toBe(240);
    expect(said.filter((key) => key.startsWith('raw slow') && !kept.has(key))).toEqual([]);
    made.now = NOON + 40 * DAY;
    await history.tend();
    expect(countsOf(saidBy(await exported(history)))).toEqual({ '5m': 240, '1h': 240 });
    expect((await history.transfer.verify()).findings).toEqual([]);
    expect(history.stats().quarantined).toEqual([]);
    expect(history.seriesOf(HOST)).toHaveLength(1);
  },
  30_000,
);
