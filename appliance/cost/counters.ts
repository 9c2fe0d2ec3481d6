import { z } from 'zod';
import type { Collection, Document, DocumentStore, Kind } from '../store/documents.ts';
import type { Counted } from './meter.ts';

/** Up to where the counter of a host's meter is in history; the id is the host's. */
export interface CounterRecord extends Document, Counted {
  /** Since when the source holds: the counter of another meter is not this one's. */
  since: number;
}

export const counterRecords: Kind<CounterRecord> = {
  name: 'power-counters',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    since: z.number(),
    at: z.number(),
    joules: z.number(),
  }),
  indexes: ['siteId'],
};

export type Counter = Omit<CounterRecord, 'rev'>;

/**
 * Where counters of meters stood, over restarts. What is noted is written with the next save but one, because the rows that it tells of
 * are on disk by then: after a crash there may be more in history than it says, never less. The rest is found there.
 */
export class Counters {
  readonly #records: Collection<CounterRecord>;
  readonly #stored = new Map<string, CounterRecord>();
  /** As noted last, and as noted before the last save. */
  #noted = new Map<string, Counter>();
  #settled = new Map<string, Counter>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(records: Collection<CounterRecord>) {
    this.#records = records;
  }

  static async open(documents: DocumentStore): Promise<Counters> {
    const counters = new Counters(await documents.collection(counterRecords));
    for (const record of await counters.#records.find()) counters.#stored.set(record.id, record);
    return counters;
  }

  /** Undefined where the source is another than then. */
  of(hostId: string, since: number): Counted | undefined {
    const known = this.#noted.get(hostId) ?? this.#stored.get(hostId);
    return known?.since === since ? { at: known.at, joules: known.joules } : undefined;
  }

  note(counter: Counter): void {
    this.#noted.set(counter.id, counter);
  }

  /** Notes and writes at once: nothing of it is in history yet. */
  begin(counter: Counter): Promise<void> {
    this.note(counter);
    return this.#inTurn(() => this.#write(counter));
  }

  /** To be called once in a while; at the end, when every row goes to disk after it, all of it is written. */
  save({ isEnd = false } = {}): Promise<void> {
    return this.#inTurn(async () => {
      for (const counter of (isEnd ? this.#noted : this.#settled).values()) await this.#write(counter);
      this.#settled = new Map(this.#noted);
    });
  }

  forget(hostId: string): Promise<void> {
    for (const each of [this.#noted, this.#settled]) each.delete(hostId);
    return this.#inTurn(async () => {
      if (this.#stored.delete(hostId)) await this.#records.remove(hostId);
    });
  }

  async forgetSite(siteId: string): Promise<void> {
    const all = [...this.#stored.values(), ...this.#noted.values()];
    for (const id of new Set(all.filter((each) => each.siteId === siteId).map((each) => each.id)))
      await this.forget(id);
  }

  async #write(counter: Counter): Promise<void> {
    const before = this.#stored.get(counter.id);
    // Whoever was forgotten meanwhile is not noted any more.
    if (!this.#noted.has(counter.id) || (before?.at === counter.at && before.joules === counter.joules)) return;
    const record = before ? await this.#records.update(counter) : await this.#records.insert(counter);
    this.#stored.set(counter.id, record);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
