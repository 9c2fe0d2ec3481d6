import type { LiveSeries } from '../../protocol/live.ts';
import { type SeriesIdentity, seriesKey } from '../../protocol/metrics.ts';
import type { Logger } from '../log.ts';
import type { History, NewFrame } from './history.ts';

/** Memory only, until the durable one lands. */
export async function openHistory(_options: { dir: string; log: Logger; now: () => number }): Promise<History> {
  const series = new Map<string, Map<string, LiveSeries>>();
  const marks = new Map<string, number>();
  const frames = new Map<string, NewFrame[]>();
  return {
    declare(hostId, wanted: readonly SeriesIdentity[]) {
      const known = series.get(hostId) ?? new Map<string, LiveSeries>();
      series.set(hostId, known);
      return wanted.map((each) => {
        const key = seriesKey(each);
        const found = known.get(key) ?? { ...each, id: known.size + 1 };
        known.set(key, found);
        return found;
      });
    },
    seriesOf: (hostId) => [...(series.get(hostId)?.values() ?? [])],
    highWaterMark: (stream) => marks.get(stream) ?? 0,
    durableMark: (stream) => marks.get(stream) ?? 0,
    async append(added) {
      for (const frame of added) {
        marks.set(frame.stream, frame.seq);
        const list = frames.get(frame.hostId) ?? [];
        frames.set(frame.hostId, list);
        list.push(frame);
        if (list.length > 5_000) list.shift();
      }
    },
    async skip({ stream, toSeq }) {
      marks.set(stream, toSeq);
    },
    async query({ hostId, from, to, metrics }) {
      const list = (frames.get(hostId) ?? []).filter(({ at }) => at >= from && at < to);
      const all = [...(series.get(hostId)?.values() ?? [])].filter(
        (each) => !metrics || metrics.includes(each.metric) || metrics.includes(seriesKey(each)),
      );
      return {
        hostId,
        from,
        to,
        stepMs: 5000,
        resolution: 'raw' as const,
        intervalMs: 5000,
        gaps: [],
        at: list.map(({ at }) => at),
        series: all.map((each) => {
          const values = list.map((frame) => frame.values[frame.series.indexOf(each)] ?? null);
          return { ...each, average: values, min: values, max: values };
        }),
      };
    },
    async forget(hostId) {
      frames.delete(hostId);
      series.delete(hostId);
    },
    stats: () => ({ bytes: 0, partitions: 0, openFrames: 0, quarantined: [] }),
    async close() {
      marks.clear();
    },
  };
}
