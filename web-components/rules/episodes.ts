import type { ResponseOf } from '../rest.ts';

export type Preview = ResponseOf<'POST /api/v1/alert-rules/preview'>;
export type Episode = Preview['episodes'][number];

const DAY_MS = 86_400_000;
/** Context around an episode in its chart: as long as it lasted, within these. */
const LEAST_AROUND_MS = 30 * 60_000;
const MOST_AROUND_MS = DAY_MS;

/** How many fired on each day before `to`, the oldest first; days are spans of 24 h that end with `to`. */
export function firedByDay(episodes: readonly Episode[], { from, to }: Pick<Preview, 'from' | 'to'>): number[] {
  const days = Math.max(1, Math.round((to - from) / DAY_MS));
  const counts = new Array<number>(days).fill(0);
  for (const { firedAt } of episodes) {
    const day = Math.min(days - 1, Math.max(0, Math.floor((firedAt - from) / DAY_MS)));
    counts[day] = (counts[day] ?? 0) + 1;
  }
  return counts;
}

/** The hosts on which it fired, those with the most episodes first. */
export function firedByHost(episodes: readonly Episode[]): { hostId: string; hostName: string; count: number }[] {
  const byHost = new Map<string, { hostId: string; hostName: string; count: number }>();
  for (const { hostId, hostName } of episodes) {
    const known = byHost.get(hostId) ?? { hostId, hostName, count: 0 };
    byHost.set(hostId, { ...known, count: known.count + 1 });
  }
  return [...byHost.values()].sort((a, b) => b.count - a.count || a.hostName.localeCompare(b.hostName));
}

/** The stretch of history that shows an episode with what was before and after; `spanMs` is what the rule looks at. */
export function stretchOf({ firedAt, resolvedAt }: Episode, to: number, spanMs: number): { from: number; to: number } {
  const end = resolvedAt ?? to;
  const around = Math.min(MOST_AROUND_MS, Math.max(LEAST_AROUND_MS, end - firedAt, 2 * spanMs));
  return {
    from: firedAt - Math.max(around, spanMs),
    to: Math.min(to, Math.min(end, firedAt + MOST_AROUND_MS) + around),
  };
}

/** Whether a series is the one that an episode is about. */
export const isSeriesOf = (
  series: { metric: string; attributes: Readonly<Record<string, string>> },
  { attributes }: Episode,
  metric: string,
): boolean => {
  const names = Object.keys(attributes);
  return (
    series.metric === metric &&
    names.length === Object.keys(series.attributes).length &&
    names.every((name) => series.attributes[name] === attributes[name])
  );
};
