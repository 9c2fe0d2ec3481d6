/** The kernel's table of neighbours takes 128 before it drops what it was not yet answered, without a word. */
export const BATCH = 128;
const MOST_TRIES = 3;

/**
 * Which addresses to ask next, and which were asked for certain: pure. An address that does not even stand in the table was never
 * asked, whatever sending said, and comes again; after three times it stays unasked, and the sweep is not complete.
 */
export class Plan {
  readonly #waiting: string[];
  readonly #tries = new Map<string, number>();
  readonly #asked = new Set<string>();
  readonly #of: number;

  /** Those in `first` begin: what the table knows already takes longest to be sure of. */
  constructor(addresses: readonly string[], first: ReadonlySet<string> = new Set()) {
    const known = addresses.filter((ip) => first.has(ip));
    this.#waiting = [...known, ...addresses.filter((ip) => !first.has(ip))];
    this.#of = addresses.length;
  }

  next(): string[] {
    const batch = this.#waiting.splice(0, BATCH);
    for (const ip of batch) this.#tries.set(ip, (this.#tries.get(ip) ?? 0) + 1);
    return batch;
  }

  /** To be called when a batch has been sent and looked for; gives back what is to be tried again. */
  settle(batch: readonly string[], inTable: ReadonlySet<string>): string[] {
    const lost = batch.filter((ip) => !inTable.has(ip));
    for (const ip of batch) if (inTable.has(ip)) this.#asked.add(ip);
    this.#waiting.push(...lost.filter((ip) => (this.#tries.get(ip) ?? 0) < MOST_TRIES));
    return lost;
  }

  get asked(): number {
    return this.#asked.size;
  }

  get of(): number {
    return this.#of;
  }

  get isComplete(): boolean {
    return this.#asked.size === this.#of;
  }
}
