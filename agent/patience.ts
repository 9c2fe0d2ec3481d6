import { setImmediate as nextTurn } from 'node:timers/promises';

/** What answers at once has done so by then; each turn of the loop costs some microseconds. */
const TURNS = 16;

/**
 * Whether a promise is settled within some turns of the loop. To be asked before there is a timer: Node wakes for a timer also when it
 * was cleared.
 */
export async function isSettledAtOnce(awaited: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  awaited.then(settle, settle);
  for (let turn = 0; turn < TURNS && !isSettled; turn++) await nextTurn();
  return isSettled;
}

/** Waits for a promise, but no longer than this; what comes later is left alone. True when it came in time. Never rejects. */
export function withPatience(awaited: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const settle = () => {
      clearTimeout(timer);
      resolve(true);
    };
    awaited.then(settle, settle);
  });
}

/** What a question has brought so far. */
export interface Asked<T> {
  /** Not answered yet. While it is open it is not asked again. */
  isOpen: boolean;
  /** Last answer; undefined before the first and after a failure. */
  answer: T | undefined;
}

/**
 * Asks things that may never answer. Each lane asks so many at a time, and one that hangs keeps its place there: whoever blocks can
 * only hold up his own lane.
 */
export class Questions<T> {
  readonly #ask: (name: string) => Promise<T>;
  readonly #lanes: Readonly<Record<string, number>>;
  readonly #asked = new Map<string, Asked<T> & { lane: string }>();

  /** `lanes`: how many questions of each lane may be open at a time. */
  constructor(ask: (name: string) => Promise<T>, lanes: Readonly<Record<string, number>>) {
    this.#ask = ask;
    this.#lanes = lanes;
  }

  /** Asks these, and forgets all others that are not open. Done when all have answered or `patienceMs` is over. */
  async askAll(wanted: readonly { name: string; lane: string }[], patienceMs: number): Promise<void> {
    const names = new Set(wanted.map(({ name }) => name));
    for (const [name, { isOpen }] of this.#asked) if (!names.has(name) && !isOpen) this.#asked.delete(name);
    let isOver = false;
    const workers = Object.entries(this.#lanes).flatMap(([lane, width]) => {
      const open = [...this.#asked.values()].filter((each) => each.isOpen && each.lane === lane).length;
      const rest = wanted.filter((each) => each.lane === lane && !this.#asked.get(each.name)?.isOpen).values();
      return Array.from({ length: Math.max(0, width - open) }, async () => {
        for (const { name } of rest) {
          if (isOver) return;
          await this.#one(name, lane);
        }
      });
    });
    const all = Promise.all(workers);
    if (!(await isSettledAtOnce(all))) await withPatience(all, patienceMs);
    isOver = true;
  }

  of(name: string): Asked<T> | undefined {
    return this.#asked.get(name);
  }

  async #one(name: string, lane: string): Promise<void> {
    const asked = this.#asked.get(name) ?? { lane, isOpen: true, answer: undefined };
    asked.isOpen = true;
    this.#asked.set(name, asked);
    asked.answer = await this.#ask(name).catch(() => undefined);
    asked.isOpen = false;
  }
}
