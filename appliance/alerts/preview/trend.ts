import type { ForecastSettings } from '../conditions/forecast.ts';
import { Judge } from '../engine/judge.ts';
import { isAboutSeries } from '../rules/effective.ts';
import { daysUntil, forecastOf } from '../trend.ts';
import {
  DAY,
  type Episode,
  Episodes,
  HOUR,
  type Looking,
  MOST_SERIES,
  type OfHost,
  type PreviewSubject,
} from './episode.ts';

/** What the trend would have said at the end of each day. */
export async function trendsOf(
  { host, check }: PreviewSubject,
  { parts, from, to, signal, notes }: Looking,
): Promise<OfHost> {
  notes.add('the trend was looked at once a day');
  const metric = check.fields.metric ?? '';
  const { lookBackDays, limit } = check.settings as ForecastSettings;
  const found = await parts.query({
    hostIds: [host.id],
    from: from - lookBackDays * DAY,
    to,
    selectors: [{ text: metric, metric, attributes: [] }],
    values: ['average'],
    resolution: '1h',
    maxPoints: 5_000,
    signal,
  });
  const fitting = found.series.filter((each) => isAboutSeries(check.fields, each)).slice(0, MOST_SERIES);
  const episodes = new Episodes(host);
  for (const { attributes, columns } of fitting) {
    const judge = new Judge({ ...check.fields, gapMs: Number.POSITIVE_INFINITY });
    const watch = check.opened.watch();
    const points = [...(columns[0] ?? [])].map((value, step): [number, number] => [
      found.first + step * found.stepMs,
      value,
    ]);
    let open: Episode | undefined;
    for (let now = from + DAY; now <= to; now += DAY) {
      const seen = points.filter(([at]) => at > now - lookBackDays * DAY && at <= now);
      const forecast = forecastOf({ points: seen, limit, now });
      const isUnknown = forecast.kind === 'none' && (forecast.reason === 'few-values' || forecast.reason === 'unsure');
      const days = daysUntil(forecast, now);
      const change = isUnknown ? undefined : judge.observe(watch.of(days, now), days, now);
      open = episodes.note(open, { kind: change?.kind, at: now, attributes });
      await parts.pause();
    }
  }
  return { episodes: episodes.all, series: fitting.length, stepMs: Math.max(HOUR, found.stepMs) };
}
