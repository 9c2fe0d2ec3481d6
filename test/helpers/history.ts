import { onTestFinished } from 'vitest';
import type { HistoryQuery, NewFrame } from '../../appliance/history/history.ts';
import { type HistoryOptions, type OpenedHistory, openHistory } from '../../appliance/history/open.ts';
import { parseSelectors } from '../../appliance/history/query/selectors.ts';
import type { HistoryEngine, Partition, Tier } from '../../appliance/store/history-engine.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { Failing } from './failing-disk.ts';
import { type HistoryPlace, historyPlace } from './history-place.ts';
import { keepingLog } from './silent-log.ts';

/** Friday, 21 November 2025, 12:00 UTC: the beginning of a period of every lane but the day's. */
export const NOON = Date.UTC(2025, 10, 21, 12);
export const HOST = '019aa5a0-0000-7000-8000-000000000001';

export interface HistoryBench {
  /** The data directory, where history is kept in files. */
  dir: string;
  /** What is below history: the disk, or the way to the database. */
  disk: Failing;
  place: HistoryPlace;
  log: ReturnType<typeof keepingLog>;
  /** The appliance's clock. */
  now: number;
  open(more?: Partial<HistoryOptions>): Promise<OpenedHistory>;
  /** What is stored now, as a process finds it that starts after this one was killed. */
  killed(): Promise<HistoryBench>;
  /** Partitions of a tier and lane as the history sees them that was opened last. */
  partitions(tier: Tier, lane: string): readonly Partition[];
}

/** A history on a directory, with a clock that the test moves, a disk that can fail, and no waiting in commits. */
export function historyBench(dir: string): HistoryBench {
  return historyBenchOn(historyPlace(dir));
}

/** The same, wherever history is kept. */
export function historyBenchOn(place: HistoryPlace, now = NOON): HistoryBench {
  let engine: HistoryEngine | undefined;
  const bench: HistoryBench = {
    dir: place.dir,
    disk: place.below,
    place,
    log: keepingLog(),
    now,
    async open(more = {}) {
      const clock = () => bench.now;
      const { log } = bench;
      engine = await place.open({ log, now: clock });
      const opened = engine;
      const history = await openHistory({
        ...{ engine, log, now: clock, longestWaitMs: 5, tickMs: 3_600_000 },
        ...more,
      }).catch(async (error) => {
        await opened.close().catch(() => undefined);
        throw error;
      });
      let closed = false;
      const close = async () => {
        if (closed) return;
        closed = true;
        await history.close();
      };
      onTestFinished(() => close().catch(() => undefined));
      return { ...history, close };
    },
    killed: async () => historyBenchOn(await place.copy(), bench.now),
    partitions: (tier, lane) =>
      (engine?.chunks.partitions() ?? []).filter((each) => each.tier === tier && each.lane === lane),
  };
  return bench;
}

export interface Sender {
  hostId: string;
  stream: string;
  series: readonly LiveSeries[];
  /** The next frame; values by position of the declared series. */
  frame(at: number, values: readonly (number | null)[]): NewFrame;
  /** Sequence number of the last frame. */
  seq: number;
}

/** An agent's stream: declares its series and numbers its frames. */
export function sender(
  history: Pick<OpenedHistory, 'declare' | 'highWaterMark'>,
  { hostId = HOST, stream = 'agent-1/stream-1', metrics = ['a', 'b'], intervalMs = 5_000 } = {},
): Sender {
  const series = history.declare(
    hostId,
    metrics.map((metric) => ({ metric, attributes: {} })),
  );
  const made: Sender = {
    hostId,
    stream,
    series,
    seq: history.highWaterMark(stream),
    frame(at, values) {
      made.seq += 1;
      return { hostId, stream, seq: made.seq, at, offsetMs: 0, intervalMs, series, values };
    },
  };
  return made;
}

export interface AskedHost {
  hostId: string;
  from: number;
  to: number;
  maxPoints: number;
  /** Selectors with commas between. */
  metrics?: string;
  resolution?: HistoryQuery['resolution'];
  values?: HistoryQuery['values'];
  signal?: AbortSignal;
}

/** One host's history, with lists that have null for a gap, and the time of each step. */
export async function askHost(history: Pick<OpenedHistory, 'query'>, { hostId, metrics, ...asked }: AskedHost) {
  const selectors = metrics === undefined ? undefined : parseSelectors(metrics);
  const answer = await history.query({ ...asked, hostIds: [hostId], ...(selectors && { selectors }) } as HistoryQuery);
  const { hosts, series, first, stepMs, steps, columns } = answer;
  const listed = (values: Float64Array | undefined) =>
    Array.from(values ?? [], (value) => (Number.isNaN(value) ? null : value));
  return {
    stepMs,
    hostId: hosts[0]?.id,
    resolution: hosts[0]?.resolution,
    intervalMs: hosts[0]?.intervalMs,
    gaps: hosts[0]?.gaps ?? [],
    late: hosts[0]?.late ?? [],
    at: Array.from({ length: steps }, (_, step) => first + step * stepMs),
    series: series.map(({ id, metric, attributes, columns: of }) => ({
      ...{ id, metric, attributes },
      average: listed(of[columns.indexOf('average')]),
      min: listed(of[columns.indexOf('min')]),
      max: listed(of[columns.indexOf('max')]),
      count: listed(of[columns.indexOf('count')]),
    })),
  };
}

/** Every value of a host in a range: metric → [time, value] in the order of time, from a query as fine as the rows. */
export async function readAll(
  history: Pick<OpenedHistory, 'query'>,
  { hostId = HOST, from = NOON, to = NOON + 3_600_000 } = {},
): Promise<Record<string, [number, number][]>> {
  const { at, series } = await askHost(history, { hostId, from, to, maxPoints: 1_000_000 });
  return Object.fromEntries(
    series.map(({ metric, average }) => [
      metric,
      at.flatMap((time, i): [number, number][] => (average[i] == null ? [] : [[time - NOON, average[i] ?? 0]])),
    ]),
  );
}
