import type { NewFrame, NewSkip } from './history.ts';
import type { LaneState } from './lane-state.ts';
import { laneOf } from './lanes.ts';
import type { Source } from './log/commit.ts';
import type { LaneSource, StreamState, Streams } from './streams.ts';

/** A frame came before one that is missing. */
export class SequenceError extends Error {
  override readonly name = 'SequenceError';
  readonly code = 'sequence';
}

/** A frame may lie this far ahead of the appliance's clock; beyond, it would keep a period open for as long. */
const AHEAD_MS = 24 * 3_600_000;
const MOST_LAYOUTS = 8;
/** A commit waits for others for half the interval, but never longer than this (contracts §1). */
const LONGEST_WAIT_MS = 5_000;
/**
 * To spare the storage it waits for so many intervals: on ext4 a commit costs about 30 KB of journal, bitmaps and whole pages,
 * however small it is (`npm run bench -- wear`). Its agents keep the frames meanwhile.
 */
const HELD_INTERVALS = 10;
const HELD_MS = { least: 30_000, most: 600_000 } as const;

export interface IntakeOptions {
  lanes: readonly LaneState[];
  streams: Streams;
  now: () => number;
  /** Rows older than this would be dropped at once by retention. */
  keepMs: () => number;
  isLowWear: () => boolean;
  /** Upper bound of the wait, for tests. */
  longestWaitMs?: number;
}

/** Puts frames into the head and the log of their lane, each once, in the order of their sequence. */
export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** See `History.append`. */
  append(frames: readonly NewFrame[]): Promise<void> {
    this.#check(frames);
    const outcomes = new Set<Promise<void>>();
    for (const frame of frames) {
      const state = this.#options.streams.of(frame.hostId, frame.stream);
      if (frame.seq > state.mark && this.#isInTime(frame.at)) this.#take(frame, state, frames.length === 1);
      else if (frame.seq > state.mark) this.#refuseTime(frame, state);
      if (frame.seq > state.durable) outcomes.add(state.outcome);
    }
    return outcomes.size === 1 ? ([...outcomes][0] as Promise<void>) : Promise.all(outcomes).then(() => undefined);
  }

  /** See `History.skip`. */
  skip({ hostId, stream, fromSeq, toSeq, reason }: NewSkip): Promise<void> {
    const state = this.#options.streams.of(hostId, stream);
    const { log } = this.#lane(state.lane);
    log.checkRoom();
    if (toSeq <= state.mark) return state.outcome;
    state.mark = toSeq;
    state.outcome = log.addSkip({ hostId, stream, fromSeq, toSeq, reason, afterAt: state.lastAt }, 0);
    return state.outcome;
  }

  /** Nothing is taken of a message that does not fit as a whole. */
  #check(frames: readonly NewFrame[]): void {
    const expected = new Map<string, number>();
    for (const { stream, seq, series, values } of frames) {
      const mark = expected.get(stream) ?? this.#options.streams.get(stream)?.mark ?? 0;
      if (seq > mark + 1) throw new SequenceError(`frame ${seq} of ${stream} came before frame ${mark + 1}`);
      if (series.length !== values.length)
        throw new SequenceError(`frame ${seq} of ${stream} has values without series`);
      expected.set(stream, Math.max(mark, seq));
    }
    for (const { log } of this.#options.lanes) log.checkRoom();
  }

  #isInTime(at: number): boolean {
    const now = this.#options.now();
    return at <= now + AHEAD_MS && at >= now - this.#options.keepMs();
  }

  #take(frame: NewFrame, state: StreamState, isAlone: boolean): void {
    const { hostId, seq, at, offsetMs, intervalMs, late = false, values } = frame;
    // While older frames are on their way, the lane stays: their marks must become durable in order.
    if (state.mark === state.durable) state.lane = laneOf(intervalMs);
    const { head, log } = this.#lane(state.lane);
    const source = this.#sourceOf(frame, state, log);
    const row = { hostId, at, intervalMs, late, series: source.series, values, commit: log.openNumber };
    head.add(row, this.#options.now());
    state.mark = seq;
    state.lastAt = Math.max(state.lastAt, at);
    // What came late, or with others, is delivered after an outage: its agent waits for the last one.
    const isHeld = this.#options.isLowWear() && isAlone && !late;
    const waitMs = Math.min(waitOf(intervalMs, isHeld), this.#options.longestWaitMs ?? Infinity);
    state.outcome = log.addFrame({ source, seq, at, offsetMs, late, values }, waitMs, isHeld);
  }

  /** The stream must go on behind it, so it becomes a loss that is written down. */
  #refuseTime({ hostId, stream, seq }: NewFrame, state: StreamState): void {
    const { log } = this.#lane(state.lane);
    state.mark = seq;
    const reason = 'time-out-of-range';
    state.outcome = log.addSkip({ hostId, stream, fromSeq: seq, toSeq: seq, reason, afterAt: state.lastAt }, 0);
  }

  #sourceOf({ hostId, stream, intervalMs, series }: NewFrame, state: StreamState, log: LaneState['log']): LaneSource {
    const same = state.sources.find(
      (source) =>
        source.hostId === hostId &&
        source.intervalMs === intervalMs &&
        source.lane === state.lane &&
        sameSeries(source.series, series),
    );
    if (same) return same;
    const source: LaneSource = { ix: log.newIx(), lane: state.lane, hostId, stream, intervalMs, series };
    state.sources = [...state.sources, source].slice(-MOST_LAYOUTS);
    return source;
  }

  #lane(position: number): LaneState {
    const lane = this.#options.lanes[position];
    if (!lane) throw new RangeError(`there is no lane ${position}`);
    return lane;
  }
}

/** How long a commit waits for other hosts after a frame of one that sends at this interval. */
export function waitOf(intervalMs: number, isLowWear: boolean): number {
  if (!isLowWear) return Math.min(intervalMs / 2, LONGEST_WAIT_MS);
  return Math.min(Math.max(HELD_INTERVALS * intervalMs, HELD_MS.least), HELD_MS.most);
}

function sameSeries(a: Source['series'], b: Source['series']): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every(({ id }, i) => id === b[i]?.id);
}
