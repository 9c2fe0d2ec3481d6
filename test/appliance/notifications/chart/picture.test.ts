import { expect, test } from 'vitest';
import { scalesOf } from '../../../../appliance/notifications/chart/draw.ts';
import { pictureOf, windowOf } from '../../../../appliance/notifications/chart/picture.ts';
import type { ChartSubject } from '../../../../appliance/notifications/message.ts';
import { HOST, historyBench, NOON, sender } from '../../../helpers/history.ts';
import { diskHigh } from '../../../helpers/messages.ts';
import { decodePng } from '../../../helpers/png.ts';
import { makeDirectory } from '../../../helpers/temporary.ts';

const MINUTE = 60_000;
const subject: ChartSubject = {
  ...{ hostId: HOST, metric: 'a', attributes: {}, unit: '1', threshold: 0.8 },
  ...{ sinceAt: NOON + 50 * MINUTE, at: NOON + 60 * MINUTE, isSlow: false },
};
const signal = AbortSignal.timeout(20_000);
const titleOf = (): string => 'Depth';

/** An hour of real frames in a real history: 20 %, nothing for ten minutes, then 90 %. */
async function filled() {
  const bench = historyBench(makeDirectory());
  const history = await bench.open();
  const agent = sender(history, { intervalMs: 5_000 });
  for (let at = NOON; at < NOON + 60 * MINUTE; at += 5_000) {
    if (at > NOON + 30 * MINUTE && at < NOON + 40 * MINUTE) continue;
    bench.now = at;
    void history.append([agent.frame(at, [at < NOON + 50 * MINUTE ? 0.2 : 0.9, 1])]).catch(() => undefined);
  }
  return { query: (query: Parameters<typeof history.query>[0]) => history.query(query), titleOf };
}

test('what history has around the breach is drawn and said, gaps too', async () => {
  const message = { ...diskHigh, timeZone: 'UTC', chartOf: subject };
  const chart = await pictureOf({ siteId: 's', message, signal }, await filled());
  expect(chart?.alt).toBe(
    'Depth from 2025-11-21 11:50:00 UTC to 2025-11-21 13:00:00 UTC: 20 % to 90 %, 90 % at last; threshold 80 %; ' +
      'broken since 2025-11-21 12:50:00 UTC; 1 gap without values.',
  );
  const window = windowOf(subject);
  const { x, y } = scalesOf({
    ...{ ...window, unit: '1', threshold: 0.8, gapMs: 1, timeZone: 'UTC', breach: { from: 0, to: 0 } },
    points: [0.2, 0.9].map((value) => ({ at: 0, value, least: value, most: value })),
  });
  const { at } = decodePng(chart?.png ?? new Uint8Array());
  const colour = (moment: number, value: number): string => at(Math.round(x(moment)), Math.round(y(value)));
  expect(colour(NOON + 20 * MINUTE, 0.2)).toBe('#1d4ed8');
  expect(colour(NOON + 55 * MINUTE, 0.9)).toBe('#1d4ed8');
  expect(colour(NOON + 35 * MINUTE, 0.2)).not.toBe('#1d4ed8');
});

test('there is none of a message about no series, of a host that is not known, or of a single value', async () => {
  const parts = await filled();
  const of = (chartOf: ChartSubject | undefined) =>
    pictureOf({ siteId: 's', message: { ...diskHigh, ...(chartOf && { chartOf }) }, signal }, parts);
  expect(await of(undefined)).toBeUndefined();
  expect(await of({ ...subject, hostId: 'gone' })).toBeUndefined();
  expect(await of({ ...subject, metric: 'nothing' })).toBeUndefined();
  expect(await of({ ...subject, sinceAt: NOON - 60 * MINUTE, at: NOON })).toBeUndefined();
});

test('it begins twice as long before the breach as that lasted, an hour at least, a week for what is slow', () => {
  const spanOf = (rest: Partial<ChartSubject>): number => {
    const { from, to } = windowOf({ ...subject, ...rest });
    return Math.round((to - from) / MINUTE);
  };
  expect(spanOf({})).toBe(70);
  expect(spanOf({ sinceAt: NOON, at: NOON + 120 * MINUTE })).toBe(360);
  expect(spanOf({ isSlow: true })).toBe(7 * 24 * 60 + 10);
  expect(spanOf({ sinceAt: NOON - 400 * 24 * 60 * MINUTE, at: NOON })).toBe(30 * 24 * 60);
});
