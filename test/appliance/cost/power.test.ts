import { expect, test } from 'vitest';
import { power as raplCollector } from '../../../agent/collectors/power.ts';
import { machineOf } from '../../../appliance/cost/machines.ts';
import { ENERGY, POWER } from '../../../appliance/cost/power-series.ts';
import { addStandby, readUse } from '../../../appliance/cost/usage.ts';
import type { SeriesIdentity } from '../../../protocol/metrics.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { HOST, historyBench, NOON } from '../../helpers/history.ts';
import { copyMachine, sampled } from '../../helpers/machine.ts';
import { costBench, hostOf } from '../../helpers/powered.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SECOND_HOST = `${HOST.slice(0, -1)}2`;

async function open(hosts = [hostOf(HOST)]) {
  const bench = historyBench(makeDirectory());
  const history = await bench.open();
  return { bench, history, ...(await costBench(history, { hosts, now: () => bench.now })) };
}

const named = (
  series: readonly SeriesIdentity[],
  values: readonly (number | null)[],
  metric: string,
): number | null | undefined => values[series.findIndex((each) => each.metric === metric)];

test('RAPL of a saved machine and a base load: what its agent reads becomes the watts of its host', async () => {
  const machine = copyMachine('laptop');
  const { at, series: table } = sampled([raplCollector], { root: machine.root });
  await at(0);
  machine.write('sys/class/powercap/intel-rapl:1/energy_uj', '257000000\n');
  const read = await at(10_000);
  const { frame, declare, cost } = await open([hostOf(HOST, { intervalMs: 10_000 })]);
  const given = { baseWatts: 6, factor: 1 };
  await cost.sources.choose(hostOf(HOST), { rev: 0, kind: 'rapl', given, mayRefer: true });
  const identities = table.since(0).map(({ metric, attributes }) => ({ metric, attributes }));
  const series = declare(hostOf(HOST), identities);
  const values = identities.map(({ metric, attributes }) => {
    const key = `${metric}{hw.name="${attributes['hw.name']}"}`;
    return read[key] ?? null;
  });
  const made = frame(hostOf(HOST, { intervalMs: 10_000 }), NOON, { series, values });
  const psys = read['hw.power{hw.name="psys"}'] ?? 0;
  expect(psys).toBeGreaterThan(0);
  expect(named(made.series, made.values, POWER)).toBeCloseTo(6 + psys, 1);
  expect(named(made.series, made.values, ENERGY)).toBeCloseTo((6 + psys) * 10, 0);
});

test('hosts on one UPS share what it gives by what their models say; one that has no model makes the shares equal', async () => {
  const hosts = [hostOf(HOST, { facts: { cpuModel: 'Intel(R) N100' } as never }), hostOf(SECOND_HOST, { watts: 100 })];
  const [first, second] = hosts as [(typeof hosts)[0], (typeof hosts)[0]];
  const { frame, declare, cost } = await open(hosts);
  const given = { host: HOST };
  for (const host of [first, second]) await cost.sources.choose(host, { rev: 0, kind: 'ups', given, mayRefer: true });
  cost.power.start();
  const cpu = { metric: 'system.cpu.utilization', attributes: {} };
  const ups = { metric: 'hw.ups.power', attributes: { 'hw.name': 'rack' } };
  const own = declare(first, [cpu, ups]);
  const other = declare(second, [cpu]);
  const round = (at: number) => ({
    a: frame(first, at, { series: own, values: [0, 90] }),
    b: frame(second, at, { series: other, values: [0] }),
  });
  round(NOON);
  const { a, b } = round(NOON + MINUTE);
  // N100 idle 7 W; 100 W TDP idle 30 W: 90 W are shared as 7 to 30.
  expect(named(a.series, a.values, POWER)).toBeCloseTo((90 * 7) / 37, 1);
  expect(named(b.series, b.values, POWER)).toBeCloseTo((90 * 30) / 37, 1);
  const late = frame(second, NOON + HOUR, { series: other, values: [0] });
  expect(named(late.series, late.values, POWER)).toBeUndefined();
});

test('data that comes late repairs the energy of its hours, and nothing is counted twice', async () => {
  const host = hostOf(HOST, { watts: 100 });
  const { history, frame, declare, bench } = await open([host]);
  const series = declare(host, [{ metric: 'system.cpu.utilization', attributes: {} }]);
  const minutes = (from: number, to: number, more: { late?: boolean; stream?: string } = {}) =>
    Array.from({ length: to - from }, (_, n) =>
      frame(host, NOON + (from + n) * MINUTE, { series, values: [1], ...more }),
    );
  await history.append([...minutes(0, 30), ...minutes(90, 120)]);
  bench.now = NOON + 3 * HOUR;
  const slots = { first: NOON, slotMs: HOUR, count: 2 };
  const use = async () => (await readUse([host.id], slots, { read: (query) => history.query(query) }))[0];
  expect((await use())?.wh.map(Math.round)).toEqual(Float64Array.of(50, 50));
  await history.append(minutes(30, 90, { late: true, stream: 'backlog' }));
  const repaired = await use();
  expect(repaired?.wh.map(Math.round)).toEqual(Float64Array.of(100, 100));
  expect((repaired?.knownMs[0] ?? 0) / HOUR).toBeGreaterThan(0.97);
});

test('a host that is off costs nothing, or its standby watts where they are given', async () => {
  const host = hostOf(HOST, { watts: 100 });
  const { history, frame, declare, bench } = await open([host]);
  const series = declare(host, [{ metric: 'system.cpu.utilization', attributes: {} }]);
  await history.append(Array.from({ length: 60 }, (_, n) => frame(host, NOON + n * MINUTE, { series, values: [1] })));
  bench.now = NOON + 4 * HOUR;
  const slots = { first: NOON, slotMs: HOUR, count: 4 };
  const [use] = await readUse([host.id], slots, { read: (query) => history.query(query) });
  expect(use?.wh.map(Math.round)).toEqual(Float64Array.of(100, 0, 0, 0));
  if (use) addStandby(use, slots, { watts: 3, from: 0, to: NOON + 3 * HOUR });
  expect(use?.wh.map(Math.round)).toEqual(Float64Array.of(100, 3, 3, 0));
});

test('energy between frames of one stream is never that of another, and a restart of the agent loses no more than a step', async () => {
  const host = hostOf(HOST, { watts: 60 });
  const { frame, declare } = await open([host]);
  const series = declare(host, [{ metric: 'system.cpu.utilization', attributes: {} }]);
  const joules = (at: number, stream: string) => {
    const made = frame(host, at, { series, values: [1], stream });
    return named(made.series, made.values, ENERGY);
  };
  expect(joules(NOON, 'a')).toBe(3_600);
  expect(joules(NOON + 30_000, 'a')).toBe(1_800);
  expect(joules(NOON + HOUR, 'a')).toBe(3_600);
  expect(joules(NOON + HOUR + 1_000, 'b')).toBe(3_600);
});

test('a host that has said nothing since the start is known by its facts, and no figure is made up', async () => {
  const n100 = hostOf(HOST, { facts: { cpuModel: 'Intel(R) N100' } as never });
  const { cost } = await open([n100, hostOf(SECOND_HOST)]);
  expect(cost.power.now(HOST)).toMatchObject({ source: { id: 'model', isChosen: false }, confidence: 'modelled' });
  expect(cost.power.now(HOST).watts).toBeUndefined();
  expect(cost.power.now(HOST).problem).toContain('since Reeve was started');
  expect(cost.power.now(SECOND_HOST).problem).toContain('choose one');
});

test('processors give their machine away, virtual ones do not', () => {
  const cases: [string, string | undefined][] = [
    ['Intel(R) N100', 'n100'],
    ['Raspberry Pi 5 Model B Rev 1.0', 'pi-5'],
    ['Intel(R) Core(TM) i5-8259U CPU @ 2.30GHz', 'nuc-i5'],
    ['Intel(R) Core(TM) i7-10700T CPU @ 2.00GHz', 'tiny-pc'],
    ['AMD Ryzen 7 5800X 8-Core Processor', 'desktop'],
    ['Intel(R) Xeon(R) CPU E5-2630 v4 @ 2.20GHz', 'rack-server'],
    ['something else', undefined],
  ];
  for (const [cpuModel, id] of cases) expect(machineOf({ cpuModel }), cpuModel).toBe(id);
  expect(machineOf({ cpuModel: 'Intel(R) N100', virtualisation: 'kvm' })).toBeUndefined();
  expect(machineOf(undefined)).toBeUndefined();
});
