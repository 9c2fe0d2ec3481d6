import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openHistory } from '../../../../appliance/history/open.ts';
import { CachedChunks } from '../../../../appliance/history/query/cached-chunks.ts';
import { HourChunks } from '../../../../appliance/history/query/hour-chunks.ts';
import { parseSelectors } from '../../../../appliance/history/query/selectors.ts';
import { emptyRolled } from '../../../../appliance/history/tiers/rolled.ts';
import { isRolled } from '../../../../appliance/history/tiers/rolled-set.ts';
import { openNedbHistory } from '../../../../appliance/store/nedb/history-engine.ts';
import { HOST, sender } from '../../../helpers/history.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEP = 20 * 60_000;
const START = Date.UTC(2025, 0, 2);
const DAYS = 40;

/** Forty days of one host, sealed and rolled, but for a silent stretch in the middle. */
async function sealed() {
  let now = START;
  const log = keepingLog();
  const engine = await openNedbHistory({ dir: join(temporaryDirectory(), 'history'), log, now: () => now });
  const history = await openHistory({ engine, log, now: () => now, tickMs: 20 * DAY, longestWaitMs: 1 });
  onTestFinished(() => history.close());
  const agent = sender(history, { intervalMs: STEP });
  const late = sender(history, { intervalMs: STEP, stream: 'agent-1/backlog' });
  const isSilent = (at: number): boolean => at >= START + 10 * DAY && at < START + 12 * DAY;
  const send = async (from: number, wanted: (at: number) => boolean, by = agent) => {
    const moments = Array.from({ length: DAY / STEP }, (_, n) => from + n * STEP).filter(wanted);
    await history.append(moments.map((at) => by.frame(at, [Math.sin(at / 7e6) * 50 + 90, at % 7 === 0 ? null : 4])));
  };
  for (let day = 0; day < DAYS; day++) {
    now = START + (day + 1) * DAY;
    await send(START + day * DAY, (at) => !isSilent(at));
    if (day % 10 === 9) await history.tend();
  }
  const span = { from: START - DAY, to: START + DAYS * DAY };
  const ask = (metrics: string, keepsHours: boolean) =>
    history.query({
      ...{ ...span, hostIds: [HOST], selectors: parseSelectors(metrics), values: ['average', 'count'], keepsHours },
      maxPoints: (DAYS + 2) * 24,
    });
  const sendLate = async () => {
    for (const day of [10, 11]) await send(START + day * DAY, () => true, late);
    await history.tend();
  };
  return { history, engine, ask, sendLate, span };
}

test('hours that are kept say what hours that are read say: of one series or more, after late rows and after a host is forgotten', async () => {
  const { history, ask, sendLate } = await sealed();
  const areSame = async (metrics: string) => {
    const plain = await ask(metrics, false);
    expect(plain.stepMs).toBe(HOUR);
    expect(await ask(metrics, true)).toEqual(plain);
    expect(await ask(metrics, true)).toEqual(plain);
    return plain;
  };
  const before = await areSame('a');
  const both = await areSame('a,b');
  expect(both.series).toHaveLength(2);
  await sendLate();
  const after = await areSame('a,b');
  const known = ({ series }: typeof before) => series[0]?.columns[1]?.reduce((sum, count) => sum + count, 0);
  expect(known(after)).toBe((known(before) ?? 0) + (2 * DAY) / STEP);
  await history.forget(HOST);
  expect((await ask('a,b', true)).series).toEqual([]);
});

test('a sealed chunk of hours is read once, and once more for a series that nobody had asked for', async () => {
  const { engine, span } = await sealed();
  let reads = 0;
  const read: typeof engine.chunks.read = (ref) => {
    reads += 1;
    return engine.chunks.read(ref);
  };
  const chunks = new HourChunks({ read }, new CachedChunks(engine.chunks));
  const [ref] = engine.chunks.find({ tier: '1h', hostId: HOST, ...span });
  if (!ref) throw new Error('there are no sealed hours');
  const ids = (await engine.chunks.read(ref))?.seriesIds ?? [];
  const [first = 0, second = 0] = ids;
  expect(chunks.kept(ref, new Set([first]))).toBeUndefined();
  await chunks.load(ref, new Set([first]));
  expect(chunks.kept(ref, new Set([first]))?.seriesIds).toEqual([first]);
  expect(chunks.kept(ref, new Set([second]))).toBeUndefined();
  await chunks.load(ref, new Set([second]));
  const kept = chunks.kept(ref, new Set([first, second]));
  expect(reads).toBe(2);
  if (!kept || !isRolled(kept)) throw new Error('no hours were kept');
  const means = kept.means(kept.seriesIds.indexOf(first), emptyRolled(kept.rows));
  expect(means.count[0]).toBe(HOUR / STEP);
  chunks.clear();
  expect(chunks.kept(ref, new Set([first]))).toBeUndefined();
});
