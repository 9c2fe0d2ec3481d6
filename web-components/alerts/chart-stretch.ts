import type { AlertHead } from '../../protocol/live.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** At least so much before and after is needed to see what is usual. */
const LEAST_AROUND = 15 * MINUTE;
const SPANS = [
  ['1h', HOUR],
  ['24h', 24 * HOUR],
  ['7d', 168 * HOUR],
] as const;

/**
 * The range of the chart of an alert, as it stands in addresses: for one that is active the shortest usual one in which its begin is well
 * in sight, which goes on live; for one that is over, or lasts longer, the stretch itself with half of its length around it.
 */
export function chartRange({ sinceAt, resolvedAt }: Pick<AlertHead, 'sinceAt' | 'resolvedAt'>, now: number): string {
  const live = resolvedAt === undefined ? SPANS.find(([, span]) => now - sinceAt < span * 0.7) : undefined;
  if (live) return live[0];
  const end = resolvedAt ?? now;
  const around = Math.max(LEAST_AROUND, (end - sinceAt) / 2);
  return `${Math.round(sinceAt - around)}-${Math.round(Math.min(now, end + around))}`;
}

/** Metrics that the chart of an alert shows: its own, or, where a host fell silent, one that every host sends. */
export function chartMetric({ series, condition, hostId }: AlertHead): string | undefined {
  if (hostId === undefined) return undefined;
  if (series) return series.metric;
  return condition.id === 'absent' ? 'system.cpu.utilization' : undefined;
}
