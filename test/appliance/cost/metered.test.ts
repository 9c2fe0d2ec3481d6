import { expect, test } from 'vitest';
import { ENERGY, POWER } from '../../../appliance/cost/power-series.ts';
import { readUse } from '../../../appliance/cost/usage.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { HOST, historyBench, NOON } from '../../helpers/history.ts';
import { type Held, memoryDocuments } from '../../helpers/memory-documents.ts';
import { httpMeter, shellyGen2 } from '../../helpers/meters.ts';
import { costBench, hostOf } from '../../helpers/powered.ts';
import { until } from '../../helpers/until.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SLOTS = { first: NOON - HOUR, slotMs: HOUR, count: 48 };

/** A host of which only its plug tells, on an appliance that is stopped and started again over the same data. */
async function world() {
  const bench = historyBench(makeDirectory());
  const host = hostOf(HOST, { kind: 'pull', intervalMs: 5_000 });
  const plug = { watts: 36, wh: 1_000 };
  const meter = await httpMeter(shellyGen2(plug));
  const held: Held = new Map();
  const start = async () => {
    const history = await bench.open();
    const made = await costBench(history, { hosts: [host], now: () => bench.now, documents: memoryDocuments(held) });
    const { cost } = made;
    const say = async (passedMs: number, wh: number) => {
      bench.now += passedMs;
      plug.wh += wh;
      const asked = meter.asked.length;
      // Only a change makes it ask at once: its own time is that of the machine.
      cost.power.changed(host.id);
      await until(() => meter.asked.length > asked && cost.power.now(host.id).at === bench.now, {
        what: 'the plug was asked',
      });
    };
    const wh = async () => {
      const [use] = await readUse([host.id], SLOTS, { read: (query) => history.query(query) });
      return Math.round((use?.wh.reduce((a, b) => a + b, 0) ?? 0) * 1_000) / 1_000;
    };
    return { ...made, history, say, wh };
  };
  return { bench, host, plug, meter, start, value: { url: meter.url } };
}

test('a plug tells of a host that sends nothing: rows at its interval, and each is told like a frame of its own', async () => {
  const { bench, host, start, value, plug } = await world();
  const { cost, measured, say, wh } = await start();
  await cost.sources.choose(host, { rev: 0, kind: 'shelly', given: value, mayRefer: true });
  cost.power.changed(host.id);
  await until(() => cost.power.now(host.id).watts === 36);
  await cost.power.tick();
  await say(5_000, 0.05);
  await cost.power.tick();
  // No more than one in an interval.
  await cost.power.tick();
  expect(measured.map(({ at, late, intervalMs }) => ({ at, late, intervalMs }))).toEqual([
    { at: NOON, late: false, intervalMs: 5_000 },
    { at: NOON + 5_000, late: false, intervalMs: 5_000 },
  ]);
  const [, second] = measured;
  const of = (metric: string) => second?.values[second.series.findIndex((each) => each.metric === metric)];
  expect(of(POWER)).toBe(36);
  expect(of(ENERGY)).toBe(180);
  // The first reading stands for the ten seconds of its step.
  expect(await wh()).toBeCloseTo(0.1 + 0.05, 3);
  // Nothing at all is a value too.
  plug.watts = 0;
  await say(5_000, 0);
  await cost.power.tick();
  expect(measured.at(-1)?.values).toEqual([0, 0]);
  // A host whose agent speaks takes it along itself.
  const frame = { hostId: host.id, stream: 'agent', at: bench.now, late: false, intervalMs: 5_000 };
  cost.power.powered({ ...frame, series: [], values: [] });
  bench.now += 5_000;
  await cost.power.tick();
  expect(measured).toHaveLength(3);
});

test('what a plug counted while the appliance was off is in history after its start, each joule once', async () => {
  const { bench, host, start, value } = await world();
  const first = await start();
  await first.cost.sources.choose(host, { rev: 0, kind: 'shelly', given: value, mayRefer: true });
  first.cost.power.changed(host.id);
  await until(() => first.cost.power.now(host.id).watts === 36);
  await first.cost.power.tick();
  await first.say(MINUTE, 0.6);
  await first.cost.power.tick();
  // A reading that no row has taken along yet.
  await first.say(10_000, 0.1);
  expect(await first.wh()).toBeCloseTo(0.1 + 0.6, 3);
  await first.cost.close();
  await first.history.close();
  const second = await start();
  await second.say(2 * HOUR, 72);
  await until(async () => (await second.wh()) > 70, { what: 'the outage is repaired' });
  expect(await second.wh()).toBeCloseTo(0.1 + 0.6 + 0.1 + 72, 1);
  const [use] = await readUse([host.id], SLOTS, { read: (query) => second.history.query(query) });
  // Laid evenly on the time that it is of.
  expect(use?.wh[2]).toBeCloseTo(36, 0);
  await second.cost.close();
  bench.now += MINUTE;
});

test('after a crash, joules that rows had taken along since the counter was kept are not counted again', async () => {
  const { host, start, value } = await world();
  const first = await start();
  await first.cost.sources.choose(host, { rev: 0, kind: 'shelly', given: value, mayRefer: true });
  first.cost.power.changed(host.id);
  await until(() => first.cost.power.now(host.id).watts === 36);
  await first.cost.power.tick();
  await first.cost.power.save();
  for (let minute = 0; minute < 30; minute++) {
    await first.say(MINUTE, 0.6);
    await first.cost.power.tick();
  }
  // The process is gone: cost says nothing more, history finds its log.
  await first.history.close();
  const second = await start();
  await second.say(MINUTE, 0.6);
  await second.cost.power.tick();
  expect(await second.wh()).toBeCloseTo(0.1 + 31 * 0.6, 2);
  await second.cost.close();
});

test('a counter that began anew while the appliance was off loses what nobody can know, and counts nothing twice', async () => {
  const { host, start, value, plug } = await world();
  const first = await start();
  await first.cost.sources.choose(host, { rev: 0, kind: 'shelly', given: value, mayRefer: true });
  first.cost.power.changed(host.id);
  await until(() => first.cost.power.now(host.id).watts === 36);
  await first.cost.power.tick();
  await first.cost.close();
  await first.history.close();
  plug.wh = 5;
  const second = await start();
  await second.say(HOUR, 0);
  const before = await second.wh();
  expect(before).toBeLessThanOrEqual(0.2);
  // Another source is another counter.
  const record = second.cost.sources.get(host.id);
  await second.cost.sources.choose(host, { rev: record?.rev ?? 0, kind: 'shelly', given: value, mayRefer: true });
  plug.wh = 9_000;
  await second.say(MINUTE, 0);
  await second.cost.power.tick();
  expect(await second.wh()).toBeLessThan(0.5);
  await second.cost.close();
});
