import { TextBytes } from '../formats/text-bytes.ts';
import { Scratch } from './scratch.ts';

/** 72,000 values are a day of fifty hosts; a larger answer takes the rest as it needs it. */
const MOST_VALUES = 128 * 1_024;

/**
 * Memory that an answer is made in. Whoever asks lends it, and may lend it again when nobody looks at the answer any more: made anew
 * for each answer, clearing it away was a quarter of the work.
 */
export class Room {
  readonly scratch = new Scratch();
  /** For text of what was gathered, where that is small. */
  readonly text = new TextBytes();
  readonly #values = new Float64Array(MOST_VALUES);
  #used = 0;

  /** A column with anything in it. */
  column(steps: number): Float64Array {
    const begin = this.#used;
    if (begin + steps > MOST_VALUES) return new Float64Array(steps);
    this.#used += steps;
    return this.#values.subarray(begin, this.#used);
  }

  /** All columns that were given are free again. */
  clear(): void {
    this.#used = 0;
    this.scratch.shrink();
    this.text.clear();
  }
}

/** Rooms that are free; no more than so many are kept. */
export class Rooms {
  readonly #free: Room[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  take(): Room {
    return this.#free.pop() ?? new Room();
  }

  /** To be called once for a room, when nobody looks at its columns any more; one that does not come back is cleared away. */
  give(room: Room): void {
    room.clear();
    if (this.#free.length < this.#most) this.#free.push(room);
  }
}
