import type { Host } from '../../protocol/hosts.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { HistoryQuery, HistoryResult } from '../history/history.ts';
import type { ForecastSettings } from './conditions/forecast.ts';
import type { Check } from './judging/checks.ts';
import { type Described, showOf } from './reasons.ts';
import { isAboutSeries } from './rules/effective.ts';
import { daysUntil, type Forecast, forecastOf } from './trend.ts';
import { inWords } from './words.ts';

export interface ForecastParts {
  now: () => number;
  describe(siteId: string, metric: string): Described;
  query(query: HistoryQuery): Promise<HistoryResult>;
}

export interface Outlook {
  check: Check;
  series: LiveSeries;
  limit: number;
  found: Forecast;
  /** What it was seen in, thinned. */
  trend: [number, number][];
  /** Undefined: nothing is known that could change what was known before. */
  days: number | undefined;
  text: string;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** A host that has not reported for so long is not judged by its trend: it goes on when values do. */
const RECENT_MS = 3 * HOUR;
const POINTS = 400;

/** What the trend checks of a host find in its history. */
export async function outlooksOf(host: Host, checks: readonly Check[], parts: ForecastParts): Promise<Outlook[]> {
  const outlooks: Outlook[] = [];
  for (const check of checks) {
    const { metric } = check.fields;
    if (metric === undefined) continue;
    const now = parts.now();
    const { lookBackDays, limit } = check.settings as ForecastSettings;
    const found = await parts.query({
      hostIds: [host.id],
      from: now - lookBackDays * DAY,
      to: now,
      selectors: [{ text: metric, metric, attributes: [] }],
      values: ['average'],
      maxPoints: POINTS,
    });
    for (const each of found.series) {
      const { id = 0, attributes } = each;
      if (!isAboutSeries(check.fields, each)) continue;
      const points = pointsOf(found, each.columns[0] ?? new Float64Array());
      const forecast = forecastOf({ points, limit, now });
      const isRecent = (points.at(-1)?.[0] ?? 0) > now - RECENT_MS;
      const show = showOf(parts.describe(host.siteId, metric));
      outlooks.push({
        check,
        series: { id, metric, attributes },
        limit,
        found: forecast,
        trend: thinned(points),
        days: isRecent ? daysOf(forecast, now) : undefined,
        text: textOf(forecast, { now, show }),
      });
    }
  }
  return outlooks;
}

/** A small line needs no more. */
const TREND_POINTS = 60;

function thinned(points: readonly [number, number][]): [number, number][] {
  const stride = Math.max(1, Math.ceil(points.length / TREND_POINTS));
  return points
    .filter((_, i) => i % stride === (points.length - 1) % stride)
    .map(([at, value]) => [Math.round(at), value]);
}

function pointsOf({ first, stepMs }: HistoryResult, values: Float64Array): [number, number][] {
  const points: [number, number][] = [];
  for (const [step, value] of values.entries())
    if (!Number.isNaN(value)) points.push([first + step * stepMs + stepMs / 2, value]);
  return points;
}

function daysOf(found: Forecast, now: number): number | undefined {
  const isUnknown = found.kind === 'none' && (found.reason === 'few-values' || found.reason === 'unsure');
  return isUnknown ? undefined : daysUntil(found, now);
}

const WHY = {
  'few-values': 'too few values for a trend',
  'not-rising': 'it does not rise',
  unsure: 'it sways too much for a trend',
  'too-far': 'not in a time that a trend can tell',
} as const;

/** A forecast in words, with its uncertainty: `full in 6 d (between 5 d and 8 d), 2 % a day`. */
function textOf(found: Forecast, { now, show }: { now: number; show: (value: number) => string }): string {
  if (found.kind === 'none') return WHY[found.reason];
  if (found.kind === 'reached') return `${show(found.level)}: the limit is reached`;
  const until = (at: number): string => inWords(Math.max(0, Math.round((at - now) / HOUR) * HOUR));
  const latest = found.latestAt === undefined ? 'never' : until(found.latestAt);
  return `in ${until(found.at)} (between ${until(found.earliestAt)} and ${latest}), at ${show(found.perDay)} a day`;
}
