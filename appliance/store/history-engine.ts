import type { Damage } from './errors.ts';

export type { StoreLog } from './store-log.ts';

/**
 * Where history keeps its bytes. It knows hosts, times and order, but nothing of series, codecs or queries: NeDB files by
 * default, the same chunks as `bytea` on PostgreSQL later. Every write fails with `StorageError` and may be tried again.
 */
export interface HistoryEngine {
  log(lane: string): Promise<CommitLog>;
  readonly chunks: ChunkStore;
  readonly records: RecordStore;
  /** Parts that were damaged, as they are found. */
  readonly damage: readonly Damage[];
  bytes(): number;
  close(): Promise<void>;
}

export interface Commit {
  /** Grows by one with each commit of a lane and is never used for other content. */
  number: number;
  payload: Uint8Array;
}

/** Commits of one lane in the order they came. What was there at the start is never written to again. */
export interface CommitLog {
  /** Every commit that is left, by number, each number once; what was damaged is left out and named in `damage`. */
  replay(): AsyncIterable<Commit>;
  /** Durable when it resolves. After a failure the same number may be written again. */
  append(commit: Commit): Promise<void>;
  /** What follows can be dropped apart from what was before. */
  rotate(): Promise<void>;
  /** Lets go of whole segments that hold nothing above `number`. */
  dropThrough(number: number): Promise<void>;
}

export type Tier = 'raw' | '1m' | '5m' | '1h';

/** One host's rows of one period, encoded. Times are epoch ms of the first and last row. */
export interface Chunk {
  hostId: string;
  from: number;
  to: number;
  rows: number;
  intervalMs: number;
  /** Ids of the columns' series, and their names, so that a chunk can be understood without any other file. */
  seriesIds: readonly number[];
  names: Uint8Array;
  times: Uint8Array;
  columns: readonly Uint8Array[];
  /** Stretches of rows that came late, epoch ms. */
  late: readonly Span[];
}

/** From the first to the last row of a stretch, epoch ms. */
export type Span = readonly [from: number, to: number];

/** A chunk that was read; columns are unpacked when asked for. */
export interface StoredChunk {
  hostId: string;
  from: number;
  to: number;
  rows: number;
  intervalMs: number;
  seriesIds: readonly number[];
  late: readonly Span[];
  names(): Uint8Array;
  times(): Uint8Array;
  /** The column of `seriesIds[at]`. */
  column(at: number): Uint8Array;
}

/** Chunks of many hosts that are written and dropped together. */
export interface PartitionKey {
  tier: Tier;
  lane: string;
  /** Beginning of the period, epoch ms. */
  from: number;
  spanMs: number;
  /** Rows of commits up to this number are in this or an earlier partition of the same period. */
  through: number;
  /** It takes the place of all partitions of its tier and lane inside its period, which hold commits up to `through`. */
  isWhole?: boolean;
}

export interface Partition extends PartitionKey {
  id: string;
  bytes: number;
}

export interface ChunkRef {
  partition: Partition;
  hostId: string;
  from: number;
  to: number;
  rows: number;
  intervalMs: number;
  /** Bytes that it takes where it is stored. */
  length: number;
}

export interface ChunkStore {
  partitions(): readonly Partition[];
  /**
   * Writes a partition, all of it or nothing; durable when it resolves. Later ones of a period stand beside earlier ones,
   * unless they are whole. `onPlaced` is called at the moment from which on its chunks are found, and no longer those of
   * partitions whose place it takes.
   */
  write(key: PartitionKey, chunks: AsyncIterable<Chunk>, onPlaced?: () => void): Promise<void>;
  /** Chunks of a host that overlap `from` ≤ time < `to`, oldest first. */
  find(search: { tier: Tier; hostId: string; from: number; to: number }): readonly ChunkRef[];
  /** Chunks of all hosts in a partition. */
  chunksOf(partition: string): readonly ChunkRef[];
  /** Every host that has a chunk. */
  hosts(): string[];
  /** Time of the oldest row of any host. */
  oldest(tier: Tier): number | undefined;
  /** Undefined when the chunk is damaged (then it is named in `damage` and no longer found) or was dropped meanwhile. */
  read(ref: ChunkRef): Promise<StoredChunk | undefined>;
  drop(partitions: readonly string[]): Promise<void>;
  /** Destroys every chunk of a host. */
  forget(hostId: string): Promise<void>;
}

/** Small facts that history must remember beside its rows: names, marks, skips. JSON only. */
export interface HistoryRecord {
  id: string;
  [field: string]: unknown;
}

export interface RecordStore {
  all(): Promise<HistoryRecord[]>;
  /** Adds or replaces, all in one write. */
  put(records: readonly HistoryRecord[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}
