import type { Host } from '../../protocol/hosts.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { HistoryQuery, HistoryResult } from '../history/history.ts';
import type { Check } from './judging/checks.ts';
import { keyOf } from './judging/checks.ts';
import type { HostJudge } from './judging/host-judge.ts';

export interface Rebuilding {
  host: Host;
  judge: HostJudge;
  now: number;
  gapMs: number;
  query(query: HistoryQuery): Promise<HistoryResult>;
  /** Values up to then are known to the alert of that key already. */
  from(key: string): number;
}

/** Longer windows begin with what comes in after the start. */
const MOST_MS = 86_400_000;
const MOST_POINTS = 5_000;

/** How far back a check has to see to be where it was. */
const reachOf = ({ fields: { forMs, clearForMs }, opened: { memoryMs } }: Check): number =>
  Math.max(forMs, clearForMs) + memoryMs;

/** Shows a judge what came before the start, so that what was pending, or nearly clear, goes on where it was. */
export async function rebuild({ host, judge, now, gapMs, query, from }: Rebuilding): Promise<void> {
  const checks = judge.checks.filter((check) => check.input === 'values' && reachOf(check) > 0);
  if (checks.length === 0) return;
  const farthestMs = Math.min(MOST_MS, Math.max(...checks.map(reachOf)) + gapMs);
  const metrics = [...new Set(checks.map(({ fields }) => fields.metric ?? ''))];
  const found = await query({
    hostIds: [host.id],
    from: now - farthestMs,
    to: now,
    selectors: metrics.map((metric) => ({ text: metric, metric, attributes: [] })),
    values: ['average'],
    maxPoints: MOST_POINTS,
  });
  for (const { id = 0, metric, attributes, columns } of found.series) {
    const series: LiveSeries = { id, metric, attributes };
    for (const check of checks) {
      if (check.fields.metric !== metric) continue;
      // Further back than it has to see would be judged a second time.
      const key = keyOf(check.rule.id, host.id, { kind: 'series', metric, attributes });
      const after = Math.max(from(key), now - reachOf(check) - gapMs);
      judge.replay(check, series, rowsAfter(after, found, columns[0] ?? new Float64Array()));
    }
  }
}

function* rowsAfter(
  after: number,
  { first, stepMs }: HistoryResult,
  values: Float64Array,
): Generator<[number, number]> {
  for (const [step, value] of values.entries()) {
    const at = first + step * stepMs;
    if (!Number.isNaN(value) && at > after) yield [at, value];
  }
}
