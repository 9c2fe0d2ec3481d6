import { COST_LIMITS } from '../../protocol/cost.ts';
import { Problem } from '../problem.ts';
import { DAY_MS } from '../spans.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { type SpotRecord, spotRecords } from './documents.ts';
import type { SpotPrices } from './prices.ts';
import { priceAt, type SpotLine } from './spot.ts';

const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);

/** Imported prices of each site: a document for each month, all in memory, because every price line asks for them. */
export class SpotStore {
  readonly #records: Collection<SpotRecord>;
  readonly #months = new Map<string, SpotRecord>();
  readonly #lines = new Map<string, SpotLine>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(records: Collection<SpotRecord>) {
    this.#records = records;
  }

  static async open(documents: DocumentStore): Promise<SpotStore> {
    const store = new SpotStore(await documents.collection(spotRecords));
    for (const record of await store.#records.find()) store.#months.set(record.id, record);
    return store;
  }

  of(siteId: string): SpotPrices {
    const line = this.#lineOf(siteId);
    return { at: (moment) => priceAt(line, moment) };
  }

  /** How many prices there are, and of what time. */
  spanOf(siteId: string): { count: number; from?: number; to?: number } {
    const line = this.#lineOf(siteId);
    const [first, last] = [line[0], line.at(-1)];
    return { count: line.length, ...(first && last && { from: first[0], to: last[0] }) };
  }

  /** Takes prices in; those of the same moments are replaced. Fails when the site would have more than some years of them. */
  import(siteId: string, prices: SpotLine): Promise<void> {
    const done = this.#last.then(() => this.#import(siteId, prices));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async forgetSite(siteId: string): Promise<void> {
    this.#lines.delete(siteId);
    for (const record of [...this.#months.values()].filter((each) => each.siteId === siteId)) {
      this.#months.delete(record.id);
      await this.#records.remove(record.id);
    }
  }

  async #import(siteId: string, prices: SpotLine): Promise<void> {
    const months = new Map<string, [number, number][]>();
    for (const [at, price] of prices) {
      const month = months.get(monthOf(at)) ?? [];
      month.push([at, price]);
      months.set(monthOf(at), month);
    }
    const known = [...this.#months.values()].filter((each) => each.siteId === siteId);
    const isNew = [...months.keys()].filter((month) => !this.#months.has(`${siteId}|${month}`)).length;
    const most = Math.floor((COST_LIMITS.spotDays * DAY_MS) / (30 * DAY_MS));
    if (known.length + isNew > most)
      throw new Problem('invalid-request', `A site keeps prices of ${most} months at most`);
    for (const [month, given] of months) await this.#put(siteId, month, given);
    this.#lines.delete(siteId);
  }

  async #put(siteId: string, month: string, given: SpotLine): Promise<void> {
    const id = `${siteId}|${month}`;
    const before = this.#months.get(id);
    const all = new Map<number, number>(before?.prices);
    for (const [at, price] of given) all.set(at, price);
    const prices = [...all].sort(([a], [b]) => a - b).slice(0, 31 * 24 * 12);
    const document = { id, siteId, prices };
    const record = before ? await this.#records.update(document) : await this.#records.insert(document);
    this.#months.set(id, record);
  }

  #lineOf(siteId: string): SpotLine {
    const known = this.#lines.get(siteId);
    if (known) return known;
    const months = [...this.#months.values()].filter((each) => each.siteId === siteId);
    const line = months.sort((a, b) => (a.id < b.id ? -1 : 1)).flatMap(({ prices }) => prices);
    this.#lines.set(siteId, line);
    return line;
  }
}
