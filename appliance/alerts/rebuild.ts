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
  const reachMs = Math.min(MOST_MS, Math.max(...checks.map(reachOf)) + gapMs);
  const metrics = [...new Set(checks.map(({ fields }) => fields.metric ?? ''))];
  const selectors = metrics.map((metric) => ({ text: metric, metric, attributes: [] }));
  const found = await query({
    hostIds: [host.id],
    from: now - reachMs,
    to: now,
    selectors,
    values: ['average'],
    maxPoints: MOST_POINTS,
  });
  for (const { id = 0, metric, attributes, columns } of found.series) {
    const series: LiveSeries = { id, metric, attributes };
    const ofRules = checks.filter(({ fields }) => fields.metric === metric);
    const knownAt = Math.max(
      0,
      ...ofRules.map(({ rule }) => from(keyOf(rule.id, host.id, { kind: 'series', metric, attributes }))),
    );
    for (let step = 0; step < found.steps; step++) {
      const value = columns[0]?.[step] ?? Number.NaN;
      const at = found.first + step * found.stepMs;
      if (!Number.isNaN(value) && at > knownAt) judge.one(series, value, at);
    }
  }
}
