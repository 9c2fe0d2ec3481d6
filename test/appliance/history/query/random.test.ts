import { expect, test } from 'vitest';
import type { HistoryResult, NewFrame } from '../../../../appliance/history/history.ts';
import { AGGREGATES, type Aggregate, STEP_VALUES } from '../../../../protocol/routes/history.ts';
import { historyBench, NOON, sender } from '../../../helpers/history.ts';
import { seeded } from '../../../helpers/random.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

interface Row {
  host: string;
  metric: string;
  at: number;
  value: number;
}

/** Hosts with intervals of their own, each with holes and null values; ticks are a little off, of some never. */
function randomFrames(
  random: () => number,
  history: Parameters<typeof sender>[0],
): { frames: NewFrame[]; rows: Row[] } {
  const frames: NewFrame[] = [];
  const rows: Row[] = [];
  for (const [index, intervalMs] of [1_000, 5_000, 5_000, 30_000, 60_000].entries()) {
    const host = `host-${index}`;
    const metrics = ['a', 'b', 'c'].slice(0, 1 + Math.floor(random() * 3));
    const agent = sender(history, { hostId: host, stream: `${host}/s`, metrics, intervalMs });
    const isEven = index % 2 === 1;
    for (let at = NOON; at < NOON + 2 * 3_600_000; at += intervalMs) {
      if (random() < (isEven ? 0.002 : 0.02)) at += Math.floor(random() * 40) * intervalMs;
      const moment = at + (isEven ? 0 : Math.floor((random() - 0.5) * intervalMs * 0.2));
      const values = metrics.map(() => (random() < 0.05 ? null : Math.round(random() * 1e6) / 1e3));
      frames.push(agent.frame(moment, values));
      for (const [n, metric] of metrics.entries()) {
        const value = values[n];
        if (value != null) rows.push({ host, metric, at: moment, value });
      }
    }
  }
  return { frames, rows };
}

interface Asked {
  from: number;
  to: number;
  aggregate?: Aggregate;
}

/** What each step should hold, said as plainly as can be. */
function reference(
  rows: readonly Row[],
  { first, stepMs, steps }: HistoryResult,
  { from, to, earlyMs }: Asked & { earlyMs: number },
) {
  const all = new Map<string, number[][]>();
  for (const { host, metric, at, value } of rows) {
    if (at < from || at >= to) continue;
    const step = Math.min(steps - 1, Math.floor((at - first + earlyMs) / stepMs));
    const own = all.get(`${host} ${metric}`) ?? Array.from({ length: steps }, () => []);
    own[step]?.push(value);
    all.set(`${host} ${metric}`, own);
  }
  return all;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const OF_STEP = {
  average: mean,
  min: (values: readonly number[]) => Math.min(...values),
  max: (values: readonly number[]) => Math.max(...values),
  count: (values: readonly number[]) => values.length,
};
const OVER_HOSTS: Record<Aggregate, (hosts: readonly (readonly number[])[]) => number> = {
  avg: (hosts) => mean(hosts.map(mean)),
  sum: (hosts) => hosts.map(mean).reduce((sum, value) => sum + value, 0),
  min: (hosts) => Math.min(...hosts.flat()),
  max: (hosts) => Math.max(...hosts.flat()),
  p95: (hosts) => {
    const sorted = hosts.map(mean).sort((a, b) => a - b);
    const rank = 0.95 * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(rank)] ?? 0, sorted[Math.ceil(rank)] ?? 0];
    return low + (high - low) * (rank - Math.floor(rank));
  },
};

function expectNear(found: Float64Array | undefined, expected: readonly number[], what: string): void {
  expect(found?.length, what).toBe(expected.length);
  for (const [step, value] of expected.entries()) {
    const own = found?.[step] ?? Number.NaN;
    const isNear = Number.isNaN(value)
      ? Number.isNaN(own)
      : Math.abs(own - value) <= 1e-9 * Math.max(1, Math.abs(value));
    if (!isNear) expect.fail(`${what}, step ${step}: ${own} instead of ${value}`);
  }
}

test.each([1, 2, 3])(
  'random rows give what a plain reference gives, for hosts by themselves and as one (seed %i)',
  async (seed) => {
    const random = seeded(seed);
    const made = historyBench(temporaryDirectory());
    const history = await made.open();
    const { frames, rows } = randomFrames(random, history);
    made.now = NOON + 2 * 3_600_000;
    await history.append(frames);
    await history.tend();
    const hostIds = ['host-4', 'host-0', 'host-2', 'nobody', 'host-1', 'host-3'];
    for (let round = 0; round < 12; round++) {
      const from = NOON - 600_000 + Math.floor(random() * 3_600_000);
      const asked = { from, to: from + 60_000 + Math.floor(random() * 3 * 3_600_000) };
      const maxPoints = 2 + Math.floor(random() ** 3 * 800);
      const each = await history.query({ hostIds, ...asked, maxPoints, values: STEP_VALUES });
      expect(each.steps).toBeLessThanOrEqual(maxPoints);
      const expected = reference(rows, each, { ...asked, earlyMs: each.stepMs < 2_000 ? 250 : 0 });
      expect(each.series.map(({ hostId, metric }) => `${hostId} ${metric}`).sort()).toEqual(
        [...expected.keys()].sort(),
      );
      for (const { hostId, metric, columns } of each.series)
        for (const [n, name] of STEP_VALUES.entries()) {
          const steps = expected.get(`${hostId} ${metric}`) ?? [];
          const values = steps.map((step) =>
            step.length === 0 && name !== 'count' ? Number.NaN : OF_STEP[name](step),
          );
          expectNear(columns[n], values, `${hostId} ${metric} ${name}`);
        }
      const aggregate = AGGREGATES[round % AGGREGATES.length] ?? 'avg';
      const one = await history.query({ hostIds, ...asked, maxPoints, aggregate });
      const slowest = Math.max(0, ...one.hosts.filter(({ id }) => id !== 'nobody').map(({ intervalMs }) => intervalMs));
      expect(one.stepMs).toBeGreaterThanOrEqual(slowest);
      const parts = reference(rows, one, { ...asked, earlyMs: one.stepMs < 2 * slowest ? slowest / 4 : 0 });
      for (const { metric, columns } of one.series) {
        const hosts = [...parts].filter(([key]) => key.endsWith(` ${metric}`)).map(([, steps]) => steps);
        const ofStep = Array.from({ length: one.steps }, (_, step) =>
          hosts.map((steps) => steps[step] ?? []).filter((values) => values.length > 0),
        );
        const values = ofStep.map((all) => (all.length === 0 ? Number.NaN : OVER_HOSTS[aggregate](all)));
        expectNear(columns[0], values, `${aggregate} of ${metric}`);
        expectNear(
          columns[1],
          ofStep.map(({ length }) => length),
          `hosts of ${metric}`,
        );
      }
    }
  },
);
