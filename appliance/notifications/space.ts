import type { Alert } from '../../protocol/alerts.ts';
import type { HistoryQuery, HistoryResult, ResultSeries } from '../history/history.ts';
import { showValue } from '../show-value.ts';

const UTILIZATION = 'system.filesystem.utilization';
const USED = { metric: 'system.filesystem.usage', state: 'used' } as const;
const LIMIT = 'system.filesystem.limit';
const BACK_MS = 900_000;

/** `1.82 TB of 2 TB` for an alert about a file system, as it was a moment ago; undefined for any other, or where history has none. */
export async function spaceOf(
  { hostId, series }: Pick<Alert, 'hostId' | 'series'>,
  at: number,
  query: (query: HistoryQuery) => Promise<HistoryResult>,
): Promise<string | undefined> {
  if (hostId === undefined || series?.metric !== UTILIZATION) return undefined;
  const selectors = [USED.metric, LIMIT].map((metric) => ({ text: metric, metric, attributes: [] }));
  const window = { from: at - BACK_MS, to: at + 1, maxPoints: 60 };
  const found = await query({ hostIds: [hostId], ...window, selectors, values: ['average'] });
  const mountpoint = series.attributes['system.filesystem.mountpoint'];
  const mine = found.series.filter(({ attributes }) => attributes['system.filesystem.mountpoint'] === mountpoint);
  const isUsed = ({ metric, attributes }: ResultSeries): boolean =>
    metric === USED.metric && attributes['system.filesystem.state'] === USED.state;
  const used = lastOf(mine.find(isUsed));
  const total = lastOf(mine.find(({ metric }) => metric === LIMIT));
  if (used === undefined || total === undefined) return undefined;
  return `${showValue(used, 'By')} of ${showValue(total, 'By')}`;
}

const lastOf = (series: ResultSeries | undefined): number | undefined => series?.columns[0]?.findLast(Number.isFinite);
