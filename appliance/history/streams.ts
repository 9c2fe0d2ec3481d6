import { z } from 'zod';
import type { HistoryRecord } from '../store/history-engine.ts';
import type { Source } from './log/commit.ts';

/** A layout with the lane that its number counts in. */
export interface LaneSource extends Source {
  lane: number;
}

/** How far one stream of frames has come. */
export interface StreamState {
  hostId: string;
  /** In the head, durable or about to be. */
  mark: number;
  durable: number;
  /** Time of the newest frame, epoch ms; 0 = none. */
  lastAt: number;
  /** Lane of the last frame or skip, by position. */
  lane: number;
  /** Settles with the commit of the last frame or skip. */
  outcome: Promise<void>;
  /** Layouts that frames of this stream had; the newest is the last. */
  sources: LaneSource[];
}

const MOST_FOR_HOST = 64;

const record = z.object({
  id: z.string(),
  hostId: z.string(),
  streams: z.array(z.tuple([z.string(), z.number(), z.number()])),
});

/** The high-water marks. A stream ends with the process of its agent, so that only the newest of a host are remembered. */
export class Streams {
  readonly #streams = new Map<string, StreamState>();
  readonly #changed = new Set<string>();

  get(stream: string): StreamState | undefined {
    return this.#streams.get(stream);
  }

  of(hostId: string, stream: string): StreamState {
    const known = this.#streams.get(stream);
    if (known) {
      if (known.hostId !== hostId) this.#move(known, hostId);
      return known;
    }
    const made: StreamState = {
      hostId,
      mark: 0,
      durable: 0,
      lastAt: 0,
      lane: 1,
      outcome: Promise.resolve(),
      sources: [],
    };
    this.#streams.set(stream, made);
    return made;
  }

  /** Everything of the stream up to `seq` is durable. */
  confirm(state: StreamState, seq: number): void {
    state.durable = Math.max(state.durable, seq);
    state.mark = Math.max(state.mark, seq);
    this.#changed.add(state.hostId);
  }

  load(found: HistoryRecord): void {
    const { data } = record.safeParse(found);
    for (const [stream, seq, lastAt] of data?.streams ?? []) {
      const state = this.of(data?.hostId ?? '', stream);
      state.lastAt = Math.max(state.lastAt, lastAt);
      state.durable = Math.max(state.durable, seq);
      state.mark = Math.max(state.mark, seq);
    }
  }

  /** Records of the hosts whose marks moved; `saved` with them when they are durable. */
  unsaved(): HistoryRecord[] {
    return [...this.#changed].map((hostId) => ({ id: `marks/${hostId}`, hostId, streams: this.#newest(hostId) }));
  }

  /** Marks that moved while they were written are written again: the log that holds them may be gone by then. */
  saved(records: readonly HistoryRecord[]): void {
    for (const { hostId, streams } of records) {
      const isSame = JSON.stringify(streams) === JSON.stringify(this.#newest(String(hostId)));
      if (isSame) this.#changed.delete(String(hostId));
    }
  }

  forget(hostId: string): void {
    for (const [stream, state] of this.#streams) if (state.hostId === hostId) this.#streams.delete(stream);
    this.#changed.delete(hostId);
  }

  /** An agent was given to another host: its marks go with it. */
  #move(state: StreamState, hostId: string): void {
    this.#changed.add(state.hostId);
    this.#changed.add(hostId);
    state.hostId = hostId;
  }

  #newest(hostId: string): [string, number, number][] {
    const all = [...this.#streams].filter(([, state]) => state.hostId === hostId);
    return all
      .sort(([, a], [, b]) => b.lastAt - a.lastAt)
      .slice(0, MOST_FOR_HOST)
      .map(([stream, { durable, lastAt }]) => [stream, durable, lastAt]);
  }
}
