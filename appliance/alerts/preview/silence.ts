import type { HostPart } from '../../history/history.ts';
import { type Episode, type Looking, MINUTE, type OfHost, type PreviewSubject } from './episode.ts';

const MOST_POINTS = 5_000;

/** A host was silent where it has no values, and where they came late. */
export async function silencesOf(
  { host, check }: PreviewSubject,
  { parts, from, to, signal, notes }: Looking,
): Promise<OfHost> {
  notes.add('times in which the appliance itself was off count as silence');
  const [first] = parts.seriesOf(host.id); // Any one tells when a host reported.
  if (!first) return { episodes: [], series: 0, stepMs: MINUTE };
  const found = await parts.query({
    hostIds: [host.id],
    from: Math.max(from, host.createdAt),
    to,
    selectors: [{ text: first.metric, metric: first.metric, attributes: [] }],
    values: ['count'],
    maxPoints: MOST_POINTS,
    signal,
  });
  const afterMs = Math.max(Number(check.settings.afterMs), 2 * host.intervalMs);
  const episodes = joined(found.hosts[0]).flatMap(([start, end]): Episode[] => {
    if (end - start < afterMs) return [];
    const episode = { hostId: host.id, hostName: host.name, attributes: {}, firedAt: start + afterMs };
    return [{ ...episode, ...(end < to - found.stepMs && { resolvedAt: end }) }];
  });
  return { episodes, series: found.series.length > 0 ? 1 : 0, stepMs: found.stepMs };
}

/** Gaps and late stretches that touch are one silence. */
function joined(host: HostPart | undefined): [number, number][] {
  const spans = [...(host?.gaps ?? []), ...(host?.late ?? [])].sort((a, b) => a.from - b.from);
  const whole: [number, number][] = [];
  for (const { from, to } of spans) {
    const last = whole.at(-1);
    if (last && from <= last[1] + MINUTE) last[1] = Math.max(last[1], to);
    else whole.push([from, to]);
  }
  return whole;
}
