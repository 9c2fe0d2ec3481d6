// bench: cost: a year of 50 hosts by an hour-of-use tariff, by host and month, out of history on disk
import { sumOf, unitPrices } from '../../appliance/cost/bill.ts';
import { slotRange, totalOf } from '../../appliance/cost/costs.ts';
import { NO_SPOT, slotsOf } from '../../appliance/cost/prices.ts';
import { stepsOf } from '../../appliance/cost/series.ts';
import { readUse } from '../../appliance/cost/usage.ts';
import { Zone } from '../../appliance/cost/zone.ts';
import { openHistory } from '../../appliance/history/open.ts';
import { openLog } from '../../appliance/log.ts';
import { openNedbHistory } from '../../appliance/store/nedb/history-engine.ts';
import { tariffVersion } from '../../protocol/cost.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { ownCpuMs } from './measure.ts';

const HOSTS = 50;
const DAY = 86_400_000;
const STEP_MS = 15 * 60_000;
const ROUNDS = 15;
const START = Date.UTC(2025, 0, 1);

const hostIds = Array.from({ length: HOSTS }, (_, n) => `019aa5a0-0000-7000-8000-${String(n).padStart(12, '0')}`);
const ATTRIBUTES = { 'hw.source': 'model' };

/** A tariff with two windows a day, weekends and a step. */
const VERSIONS = [
  tariffVersion.parse({
    from: '2024-01-01',
    price: 0.31,
    rules: [
      { title: 'Night', price: 0.21, from: '22:00', to: '06:00' },
      { title: 'Peak', price: 0.39, from: '17:00', to: '20:00', weekdays: [1, 2, 3, 4, 5] },
    ],
    tiers: [{ aboveKwh: 1_000, add: 0.03 }],
    standingPerDay: 0.4,
  }),
];

/** Fills a history day by day, as it would have come, with everything that comes out of it by itself. */
async function fill(dir: string, days: number) {
  let now = START;
  const log = openLog({ level: 'silent', isTerminal: false });
  const engine = await openNedbHistory({ dir, log, now: () => now });
  const history = await openHistory({ engine, log, now: () => now, tickMs: DAY, longestWaitMs: 1 });
  const series = hostIds.map((hostId) =>
    history.declare(hostId, [
      { metric: 'hw.host.power', attributes: ATTRIBUTES },
      { metric: 'hw.host.energy.used', attributes: ATTRIBUTES },
    ]),
  );
  for (let day = 0, seq = 0; day < days; day++) {
    const rows = [];
    for (let at = START + day * DAY; at < START + (day + 1) * DAY; at += STEP_MS) {
      seq += 1;
      for (const [n, hostId] of hostIds.entries()) {
        const watts = 10 + n + 8 * Math.sin(at / 9e6 + n);
        const values = [watts, (watts * STEP_MS) / 1_000];
        const frame = { hostId, stream: `bench-${n}`, seq, at, offsetMs: 0, intervalMs: STEP_MS };
        rows.push({ ...frame, series: series[n] ?? [], values });
      }
    }
    now = START + (day + 1) * DAY;
    await history.append(rows);
    if (day % 3 === 2) await history.tend();
  }
  now += 3_600_000;
  await history.tend();
  return history;
}

/** Middle of several rounds, ms. */
async function middle(work: () => Promise<unknown> | unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = performance.now();
    await work();
    times.push(performance.now() - before);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const days = isQuick ? 40 : 365;
  const dir = makeDirectory();
  try {
    const history = await fill(dir, days);
    const zone = new Zone('Europe/Berlin');
    const tariffs = { versions: VERSIONS, zone, spot: NO_SPOT, flat: 0.24 };
    const span = { from: zone.dayStart(START), to: zone.dayStart(START + days * DAY) };
    const marks = stepsOf(zone, span, 'month');
    const slots = slotsOf(span, tariffs);
    const answer = async () => {
      const uses = await readUse(hostIds, slots, { read: (query) => history.query(query), isExact: false });
      const unit = unitPrices(slots, tariffs, totalOf(uses, slots.count));
      return uses.map(({ wh }) =>
        marks.slice(1).map((to, n) => sumOf(wh, unit, slotRange(slots, { from: marks[n] ?? to, to }))),
      );
    };
    const cold = performance.now();
    await answer();
    const note = `${HOSTS} hosts × ${slots.count} hours, ${marks.length - 1} months`;
    yield { name: 'the first time', value: performance.now() - cold, unit: 'ms', note };
    yield { name: 'a year by host and month', value: await middle(answer), unit: 'ms', atMost: 200, note };
    // On a machine that others use too the clock says less than the processor.
    const cpu = (await ownCpuMs(() => middle(answer))) / ROUNDS;
    yield { name: 'its processor time', value: cpu, unit: 'ms' };
    const uses = await readUse(hostIds, slots, { read: (query) => history.query(query), isExact: false });
    const reckoned = await middle(() => {
      const unit = unitPrices(slots, tariffs, totalOf(uses, slots.count));
      return uses.map(({ wh }) => sumOf(wh, unit, { from: 0, to: slots.count }));
    });
    yield { name: 'of it, prices and sums', value: reckoned, unit: 'ms' };
    await history.close();
  } finally {
    removeDirectory(dir);
  }
}
