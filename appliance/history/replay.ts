import type { Partition, StoreLog } from '../store/history-engine.ts';
import type { Dictionary } from './dictionary.ts';
import type { LaneHead } from './head/lane-head.ts';
import { periodOf } from './lanes.ts';
import { decodeCommit, KnownSources, type LoggedFrame, type ReadCommit, type Source } from './log/commit.ts';
import type { Skips } from './skips.ts';
import type { Streams } from './streams.ts';
import { coveredThrough } from './tiers/tiers.ts';

export interface ReplayParts {
  head: LaneHead;
  dictionary: Dictionary;
  streams: Streams;
  skips: Skips;
  partitions: readonly Partition[];
  /** A host that was forgotten with everything up to that commit of this lane. */
  forgottenThrough: (hostId: string) => number;
  onDamage: (reason: string) => void;
  log: StoreLog;
}

/** Puts the commits of a log back into the head, except for rows that a partition holds already. */
export class Replay {
  readonly #parts: ReplayParts;
  readonly #known = new KnownSources();
  /** Of which the names are known. */
  readonly #learnt = new Set<Source>();
  readonly #partitions: readonly Partition[];
  readonly #sealed = new Map<number, number>();
  last = 0;

  constructor(parts: ReplayParts) {
    this.#parts = parts;
    this.#partitions = parts.partitions.filter(({ lane }) => lane === parts.head.lane.name);
    for (const { through } of this.#partitions) this.last = Math.max(this.last, through);
  }

  take(number: number, payload: Uint8Array): void {
    this.last = Math.max(this.last, number);
    const commit = this.#decode(number, payload);
    if (!commit) return;
    const { declared, skips, frames, nameless } = commit;
    if (nameless > 0)
      this.#parts.onDamage(`commit ${number}: ${nameless} frames whose series were in a damaged commit`);
    for (const source of declared) this.#learn(number, source);
    for (const skip of skips) {
      if (this.#isForgotten(skip.hostId, number)) continue;
      this.#parts.skips.add(skip);
      this.#parts.streams.confirm(this.#parts.streams.of(skip.hostId, skip.stream), skip.toSeq);
    }
    for (const frame of frames) this.#takeFrame(number, frame);
  }

  #learn(commit: number, source: Source): void {
    const { hostId, series } = source;
    if (this.#learnt.has(source) || this.#isForgotten(hostId, commit)) return;
    for (const each of series) this.#parts.dictionary.learn(hostId, each);
    this.#learnt.add(source);
  }

  #decode(number: number, payload: Uint8Array): ReadCommit | undefined {
    try {
      return decodeCommit(payload, this.#known);
    } catch (error) {
      this.#parts.log.error({ err: error, commit: number }, 'A commit of the history log cannot be read');
      this.#parts.onDamage(`commit ${number} cannot be read`);
      return undefined;
    }
  }

  #takeFrame(commit: number, { source, seq, at, late = false, values }: LoggedFrame): void {
    const { hostId, stream, intervalMs, series } = source;
    const { head, streams } = this.#parts;
    if (this.#isForgotten(hostId, commit)) return;
    const state = streams.of(hostId, stream);
    streams.confirm(state, seq);
    state.lastAt = Math.max(state.lastAt, at);
    if (commit <= this.#sealedThrough(periodOf(at, head.lane.spanMs))) return;
    // Opened long ago: a period that is over is sealed soon after the start.
    head.add({ hostId, at, intervalMs, late, series, values, commit }, 0);
  }

  /** Up to which commit the rows of a period are in partitions; those of the tiers tell it when the raw ones are dropped. */
  #sealedThrough(period: number): number {
    const known = this.#sealed.get(period);
    if (known !== undefined) return known;
    const through = coveredThrough(this.#partitions, { from: period, to: period + 1 });
    this.#sealed.set(period, through);
    return through;
  }

  #isForgotten(hostId: string, commit: number): boolean {
    return commit <= this.#parts.forgottenThrough(hostId);
  }
}
