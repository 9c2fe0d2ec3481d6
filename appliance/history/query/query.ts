import { seriesKey } from '../../../protocol/metrics.ts';
import type { HistoryAnswer } from '../../../protocol/routes/history.ts';
import type { Dictionary } from '../dictionary.ts';
import type { HistoryQuery } from '../history.ts';
import { Slices } from '../slices.ts';
import type { Buckets } from './buckets.ts';
import { type GatherParts, gatherHost } from './gather.ts';

export interface QueryParts extends GatherParts {
  dictionary: Dictionary;
}

/** Steps × series of one answer; a host with thousands of series gets fewer steps. */
const MOST_CELLS = 1_000_000;
const LEAST_STEPS = 10;

/** See `History.query`. Reads in slices, so that live frames are not held up; fails with the signal's reason. */
export async function queryHistory(query: HistoryQuery, parts: QueryParts): Promise<HistoryAnswer> {
  const { hostId, from, to } = query;
  const wanted = wantedSeries(query, parts.dictionary);
  const most = Math.max(LEAST_STEPS, Math.min(query.maxPoints, Math.floor(MOST_CELLS / Math.max(1, wanted.size))));
  const slices = new Slices(query.signal);
  const host = await gatherHost({ hostId, from, to, resolution: 'auto', wanted, steps: { most }, slices }, parts);
  const { grid, resolution, intervalMs, gaps } = host;
  const series: HistoryAnswer['series'] = [];
  for (const [id, buckets] of [...host.series].sort(([a], [b]) => a - b)) {
    const known = parts.dictionary.get(hostId, id);
    if (known) series.push({ id, metric: known.metric, attributes: known.attributes, ...columnsOf(buckets) });
    await slices.pause();
  }
  const at = Array.from({ length: grid.count }, (_, step) => grid.first + step * grid.stepMs);
  return { hostId, from, to, stepMs: grid.stepMs, resolution, intervalMs, at, series, gaps };
}

/** Ids of the series that are asked for. */
function wantedSeries({ hostId, metrics }: HistoryQuery, dictionary: Dictionary): Set<number> {
  const names = metrics && new Set(metrics);
  const fits = dictionary.list(hostId).filter((each) => !names || names.has(each.metric) || names.has(seriesKey(each)));
  return new Set(fits.map(({ id }) => id));
}

/** Null where a step has no value. Of a single value the average is that value exactly. */
function columnsOf({ count, sum, min, max }: Buckets): Record<'average' | 'min' | 'max', (number | null)[]> {
  const pick = (of: (step: number) => number) => Array.from(count, (many, step) => (many === 0 ? null : of(step)));
  return {
    average: pick((step) => averageOf(sum[step] ?? 0, count[step] ?? 1)),
    min: pick((step) => min[step] ?? 0),
    max: pick((step) => max[step] ?? 0),
  };
}

/** Seven digits are more than a chart can show, and less to send. */
function averageOf(sum: number, count: number): number {
  if (count === 1) return sum;
  const average = sum / count;
  const size = Math.abs(average);
  if (size === 0 || size >= 1e15 || size < 1e-15) return average;
  const factor = 10 ** (6 - Math.floor(Math.log10(size)));
  return Math.round(average * factor) / factor;
}
