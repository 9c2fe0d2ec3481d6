import type { LiveSeries } from '../../protocol/live.ts';
import type { SeriesIdentity } from '../../protocol/metrics.ts';
import type { Aggregate, Column, Resolution, StepValue } from '../../protocol/routes/history.ts';
import type { Tier } from '../store/history-engine.ts';
import type { Room } from './query/room.ts';
import type { Selector } from './query/selectors.ts';

/** A frame on its way into history. `values[i]` belongs to `series[i]`; null is a gap. */
export interface NewFrame {
  hostId: string;
  /** Stream of the agent (`agentId/stream`), or of the ingest source. */
  stream: string;
  seq: number;
  /** Appliance time, epoch ms; `offsetMs` is what was added to the host's own clock. */
  at: number;
  offsetMs: number;
  intervalMs: number;
  /** It was measured long before it came: back-filled. */
  late?: boolean;
  series: readonly LiveSeries[];
  values: readonly (number | null)[];
}

export interface NewSkip {
  hostId: string;
  stream: string;
  fromSeq: number;
  toSeq: number;
  reason: string;
}

export interface HistoryQuery {
  hostIds: readonly string[];
  /** Rows with `from` ≤ time < `to`. */
  from: number;
  to: number;
  /** Absent: all series. */
  selectors?: readonly Selector[];
  resolution?: 'auto' | Resolution;
  /** Makes one series of those of all hosts that have the same metric and attributes. */
  aggregate?: Aggregate;
  /** Which columns there shall be, without an aggregate; absent: average, min and max. */
  values?: readonly StepValue[];
  /** Of how many steps the answer may be; fewer when it would become very large. */
  maxPoints: number;
  /** Averages of several values in seven digits, more than a chart shows: it makes text short. */
  rounded?: boolean;
  /** The same hours will be asked for again and again: they are kept in memory as numbers. Only for `values` without least and most. */
  keepsHours?: boolean;
  /** Lent for the columns of the answer, until the lender says otherwise. */
  room?: Room;
  signal?: AbortSignal;
}

/** Series of hosts on one grid: step i begins at `first + i × stepMs`. */
export interface HistoryResult {
  from: number;
  to: number;
  first: number;
  stepMs: number;
  steps: number;
  /** The coarsest that was read for any host. */
  resolution: Resolution;
  /** What the columns of each series are, in this order. */
  columns: readonly Column[];
  hosts: readonly HostPart[];
  series: readonly ResultSeries[];
  /** Selectors that no series of these hosts fits. */
  unmatched: readonly string[];
}

export interface HostPart {
  id: string;
  resolution: Resolution;
  /** How far apart its frames are. */
  intervalMs: number;
  gaps: readonly { from: number; to: number; reason: string }[];
  /** Stretches that came later than they were measured. */
  late: readonly { from: number; to: number }[];
}

/** A series that has a value. NaN is a gap. Host and id are absent where several hosts became one. */
export interface ResultSeries extends SeriesIdentity {
  hostId?: string;
  id?: number;
  columns: readonly Float64Array[];
}

/** More was asked than one answer holds, even in the fewest steps. */
export class QueryLimitError extends Error {
  override readonly name = 'QueryLimitError';
  readonly code = 'limit';
}

/** A host has declared more series than any machine has: a collector puts something that always changes into a name. */
export class SeriesLimitError extends Error {
  override readonly name = 'SeriesLimitError';
  readonly code = 'limit';
}

export interface TierStats {
  tier: Tier;
  bytes: number;
  partitions: number;
  /** Time of the oldest row. */
  oldestAt?: number;
}

export interface HistoryStats {
  /** All files together. */
  bytes: number;
  /** What each tier has in sealed partitions. */
  tiers: readonly TierStats[];
  partitions: number;
  openFrames: number;
  oldestAt?: number;
  quarantined: readonly { file: string; reason: string }[];
}

/** History as the gateway, the routes and the health page use it. Files and codecs are behind it. */
export interface History {
  /**
   * Integers for series of a host: durable with the first commit that uses them, never given to another series. Fails with
   * `SeriesLimitError`.
   */
  declare(hostId: string, series: readonly SeriesIdentity[]): LiveSeries[];
  seriesOf(hostId: string): readonly LiveSeries[];
  /** Highest sequence number of a stream that is in the head (durable or about to be). 0 = none. */
  highWaterMark(stream: string): number;
  /** Highest sequence number of a stream that is durable. */
  durableMark(stream: string): number;
  /** How long a frame of a host with such an interval waits, in good order, until it is durable: ms. */
  holdOf(intervalMs: number): number;
  /**
   * Takes frames into the head at once (queries see them) and resolves when they are durable. The caller has checked
   * that each `seq` is the high-water mark + 1; a frame that was taken before is not taken again, and is waited for. Rejects
   * with `StorageError` when the disk does not take them: nothing was acknowledged, but what was taken stays and is tried
   * again, so `durableMark` may move later. Fails with `SequenceError` on a hole.
   */
  append(frames: readonly NewFrame[]): Promise<void>;
  /** Records that frames are lost for good; durable when it resolves; the mark moves behind them. */
  skip(skip: NewSkip): Promise<void>;
  /** Reads in slices, so that live frames are not held up. Fails with the signal's reason, or with `QueryLimitError`. */
  query(query: HistoryQuery): Promise<HistoryResult>;
  /** Times of the oldest and the newest row of a host, epoch ms; undefined where there is none. */
  spanOf(hostId: string): readonly [from: number, to: number] | undefined;
  /** Bytes that its packed history takes on disk. */
  bytesOf(hostId: string): number;
  /** Takes everything of a host away. */
  forget(hostId: string): Promise<void>;
  stats(): HistoryStats;
  /** Commits what is open and closes every file. */
  close(): Promise<void>;
}
