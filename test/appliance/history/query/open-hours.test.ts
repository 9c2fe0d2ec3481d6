import { expect, test } from 'vitest';
import { STEP_VALUES } from '../../../../protocol/routes/history.ts';
import { askHost, HOST, historyBench, sender } from '../../../helpers/history.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The beginning of a period of the lane of hosts that send each minute. */
const MIDNIGHT = Date.UTC(2025, 10, 21);

interface Row {
  at: number;
  value: number | null;
}

/** Minutes of the day that the host is silent: within an hour, over the end of one, for hours. */
const isSilent = (minute: number): boolean =>
  (minute >= 70 && minute < 90) || (minute >= 230 && minute < 250) || (minute >= 300 && minute < 490);

/** Average, least, most and count of each hour, said as plainly as can be. */
function reference(rows: readonly Row[], hours: number) {
  const inHour = Array.from({ length: hours }, (_, hour) =>
    rows.flatMap(({ at, value }) => (value !== null && Math.floor((at - MIDNIGHT) / HOUR) === hour ? [value] : [])),
  );
  const of = (value: (values: number[]) => number) =>
    inHour.map((values) => (values.length === 0 ? null : value(values)));
  return {
    average: of((values) => values.reduce((sum, each) => sum + each, 0) / values.length),
    min: of((values) => Math.min(...values)),
    max: of((values) => Math.max(...values)),
    count: inHour.map(({ length }) => length),
  };
}

test('the hours of an open day are those of its rows, with the gaps between them, while rows come in and out of order', async () => {
  const made = historyBench(temporaryDirectory());
  const history = await made.open();
  const agent = sender(history, { intervalMs: MINUTE });
  const rows: Row[] = [];
  const send = async (minutes: readonly number[]) => {
    const frames = minutes.map((minute) => {
      const row = { at: MIDNIGHT + minute * MINUTE + 300, value: minute % 7 === 0 ? null : (minute * 37) % 1_009 };
      rows.push(row);
      return agent.frame(row.at, [row.value, minute]);
    });
    await history.append(frames);
  };
  const ask = (from: number, to: number) =>
    askHost(history, { hostId: HOST, metrics: 'a', from, to, maxPoints: (to - from) / HOUR, values: STEP_VALUES });
  const minutes = Array.from({ length: 715 }, (_, minute) => minute).filter((minute) => !isSilent(minute));
  for (let at = 0; at < minutes.length; at += 50) {
    await send(minutes.slice(at, at + 50));
    made.now = rows.at(-1)?.at ?? 0;
    const { series } = await ask(MIDNIGHT - HOUR, MIDNIGHT + 12 * HOUR);
    const { average } = reference(rows, 12);
    expect(series[0]?.average).toEqual([null, ...average]);
  }
  made.now = MIDNIGHT + 12 * HOUR;
  const before = await ask(MIDNIGHT, MIDNIGHT + 12 * HOUR);
  expect(before.stepMs).toBe(HOUR);
  expect(before.series[0]).toMatchObject(reference(rows, 12));
  // Silence within one step does not show.
  const silent = [
    [230, 250],
    [300, 490],
    [715, 720],
  ].map(([from = 0, to = 0]) => ({
    from: MIDNIGHT + from * MINUTE + 300,
    to: MIDNIGHT + to * MINUTE + (to < 720 ? 300 : 0),
    reason: 'no data',
  }));
  expect(before.gaps).toEqual(silent);
  // The rows that were missing come late, and more than are packed at once.
  await send([...minutes.keys()].filter(isSilent).reverse());
  const after = await ask(MIDNIGHT, MIDNIGHT + 12 * HOUR);
  expect(after.series[0]).toMatchObject(reference(rows, 12));
  expect(after.gaps).toEqual(silent.slice(2));
  // An edge that cuts an hour leaves out the rows beyond it.
  const cut = MIDNIGHT + 5.5 * HOUR;
  const part = await askHost(history, { hostId: HOST, metrics: 'a', from: MIDNIGHT, to: cut, maxPoints: 6 });
  expect(part.series[0]).toMatchObject({
    average: reference(
      rows.filter(({ at }) => at < cut),
      6,
    ).average,
  });
});
