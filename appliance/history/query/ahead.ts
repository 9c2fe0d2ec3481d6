import type { ChunkRef } from '../../store/history-engine.ts';
import type { AnySet } from '../tiers/rolled-set.ts';
import type { ChunkReader } from './cached-chunks.ts';

/** About a day of a host's own rows; some 25 KB each. */
const MOST = 12;

/** Asks for chunks before they are needed, a few together: where they lie beyond a network, each answer takes its time. */
export class Ahead {
  readonly #sources: readonly object[];
  readonly #wanted: ReadonlySet<number>;
  readonly #chunks: ChunkReader;
  readonly #loading = new Map<ChunkRef, Promise<AnySet | undefined>>();

  constructor(sources: readonly object[], wanted: ReadonlySet<number>, chunks: ChunkReader) {
    this.#sources = sources;
    this.#wanted = wanted;
    this.#chunks = chunks;
  }

  /** As `load` of the reader, of the chunk that is source `at`. */
  load(at: number, ref: ChunkRef): Promise<AnySet | undefined> {
    if (!this.#loading.has(ref)) this.#start(at);
    return this.#loading.get(ref) ?? this.#chunks.load(ref, this.#wanted);
  }

  #start(from: number): void {
    this.#loading.clear();
    for (let at = from; at < this.#sources.length && this.#loading.size < MOST; at++) {
      const source = this.#sources[at] as { ref?: ChunkRef };
      const { ref } = source;
      if (!ref || (at > from && this.#chunks.kept(ref, this.#wanted))) continue;
      const loading = this.#chunks.load(ref, this.#wanted);
      // Whoever waits for it hears of a failure; perhaps nobody does any more.
      loading.catch(() => undefined);
      this.#loading.set(ref, loading);
    }
  }
}
