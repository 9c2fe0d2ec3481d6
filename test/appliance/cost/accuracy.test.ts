import { expect, test } from 'vitest';
import { calibratedOf } from '../../../appliance/cost/doings.ts';
import { readUse } from '../../../appliance/cost/usage.ts';
import type { Host } from '../../../protocol/hosts.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { HOST, historyBench } from '../../helpers/history.ts';
import { costBench, hostOf } from '../../helpers/powered.ts';
import { seeded } from '../../helpers/seeded.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.UTC(2026, 9, 1);
const DAYS = 31;

/** Use of the processors: quiet nights, busy evenings, jobs that come and go. */
function useAt(at: number): number {
  const hour = (at % DAY) / 3_600_000;
  const evening = Math.exp(-((hour - 20) ** 2) / 8);
  const job = Math.floor(at / (7 * MINUTE)) % 5 === 0 ? 0.25 : 0;
  return Math.min(1, 0.05 + 0.45 * evening + job + 0.04 * Math.sin(at / 97_000));
}

/** The true power: not quite a line in the use of the processors, disks that spin up by themselves, a fan in warm hours. */
function wattsAt(at: number): number {
  const use = useAt(at);
  const disks = Math.floor(at / (43 * MINUTE)) % 3 === 0 ? 3.5 : 0;
  const fan = Math.max(0, Math.sin(((at % DAY) / DAY) * 2 * Math.PI - 2)) * 1.5;
  return 14 + 31 * use ** 1.15 + disks + fan;
}

/** Wh between two moments, second by second. */
function truth(from: number, to: number): number {
  let joules = 0;
  for (let at = from; at < to; at += 1_000) joules += wattsAt(at);
  return joules / 3_600;
}

test('a month at one minute: measured within 0.5 %, modelled within 10 % after a day of calibration', async () => {
  const bench = historyBench(makeDirectory());
  bench.now = START;
  const history = await bench.open();
  const measured = hostOf(HOST);
  const modelled = hostOf(`${HOST.slice(0, -1)}2`);
  const { cost, frame, declare } = await costBench(history, { hosts: [measured, modelled], now: () => bench.now });
  const random = seeded(7);
  const seriesOf = (host: Host, metrics: string[]) =>
    declare(
      host,
      metrics.map((metric) => ({ metric, attributes: {} as Record<string, string> })),
    );
  const CPU = 'system.cpu.utilization';
  const CHASSIS = 'hw.chassis.power';
  const both = { measured: seriesOf(measured, [CPU, CHASSIS]), modelled: seriesOf(modelled, [CPU, CHASSIS]) };
  const cpuOnly = seriesOf(modelled, [CPU]);
  // A meter of one per cent noise, read once a minute, as the agent reads use and power.
  const noisy = (at: number): number => wattsAt(at) * (1 + (random() - 0.5) * 0.02);
  for (let day = 0; day < DAYS; day++) {
    const rows = [];
    for (let at = START + day * DAY; at < START + (day + 1) * DAY; at += MINUTE) {
      bench.now = at + 1_000;
      rows.push(frame(measured, at, { series: both.measured, values: [useAt(at), noisy(at)] }));
      rows.push(
        day === 0
          ? frame(modelled, at, { series: both.modelled, values: [useAt(at), noisy(at)] })
          : frame(modelled, at, { series: cpuOnly, values: [useAt(at)] }),
      );
    }
    await history.append(rows);
    await history.tend();
    if (day > 0) continue;
    const found = await calibratedOf(modelled, (query) => history.query(query), {
      hours: 24,
      to: bench.now,
      usualSlope: 60,
    });
    expect(found).toMatchObject({ model: 'model' });
    const given = { idleWatts: found?.base, fullWatts: (found?.base ?? 0) + (found?.slope ?? 0), isCalibrated: true };
    await cost.sources.choose(modelled, { rev: 0, kind: 'model', given, mayRefer: true });
    cost.power.changed(modelled.id);
  }
  const slots = { first: START, slotMs: 3_600_000, count: DAYS * 24 };
  const uses = await readUse([measured.id, modelled.id], slots, { read: (query) => history.query(query) });
  const sum = (hostId: string, from = 0): number =>
    (uses.find((use) => use.hostId === hostId)?.wh ?? new Float64Array(0)).subarray(from).reduce((a, b) => a + b, 0);
  const whole = truth(START, START + DAYS * DAY);
  expect(Math.abs(sum(measured.id) / whole - 1)).toBeLessThan(0.005);
  const after = truth(START + DAY, START + DAYS * DAY);
  expect(Math.abs(sum(modelled.id, 24) / after - 1)).toBeLessThan(0.1);
  // Each by itself says what it is worth.
  expect([...(uses[1]?.bySource.keys() ?? [])].sort()).toEqual(['ipmi', 'model']);
  const known = (uses[0]?.knownMs ?? new Float64Array(0)).reduce((a, b) => a + b, 0);
  expect(known / (DAYS * DAY)).toBeGreaterThan(0.995);
}, 120_000);
