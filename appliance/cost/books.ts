import type { Machine, TariffVersion } from '../../protocol/cost.ts';
import { Problem } from '../problem.ts';
import { type Collection, ConflictError, type DocumentStore } from '../store/documents.ts';
import { type BookRecord, bookRecords } from './documents.ts';
import { MACHINES } from './machines.ts';

export interface BookText {
  versions: TariffVersion[];
  budget?: number | undefined;
  machines: Machine[];
}

const EMPTY: BookText = { versions: [], machines: [] };

/** Tariffs, budget and machines of each site. */
export class Books {
  readonly #records: Collection<BookRecord>;
  readonly #known = new Map<string, BookRecord>();

  private constructor(records: Collection<BookRecord>) {
    this.#records = records;
  }

  static async open(documents: DocumentStore): Promise<Books> {
    const books = new Books(await documents.collection(bookRecords));
    for (const record of await books.#records.find()) books.#known.set(record.id, record);
    return books;
  }

  /** `rev` 0 = nothing was written yet. */
  of(siteId: string): BookText & { rev: number } {
    return this.#known.get(siteId) ?? { ...EMPTY, rev: 0 };
  }

  /** Shipped machines with the site's own in their place or behind them. */
  machinesOf(siteId: string): Machine[] {
    const all = new Map(MACHINES.map((machine) => [machine.id, machine]));
    for (const machine of this.of(siteId).machines) all.set(machine.id, machine);
    return [...all.values()];
  }

  /** Fails with `conflict` when it is not at `rev` any more. */
  async change(siteId: string, rev: number, { versions, budget, machines }: BookText): Promise<BookRecord> {
    const before = this.#known.get(siteId);
    const document = { id: siteId, siteId, versions, machines, ...(budget !== undefined && { budget }) };
    if ((before?.rev ?? 0) !== rev) throw changedMeanwhile();
    try {
      const record = before
        ? await this.#records.update(document, { ifRev: rev })
        : await this.#records.insert(document);
      this.#known.set(siteId, record);
      return record;
    } catch (error) {
      if (error instanceof ConflictError) throw changedMeanwhile();
      throw error;
    }
  }

  async forgetSite(siteId: string): Promise<void> {
    if (this.#known.delete(siteId)) await this.#records.remove(siteId);
  }
}

const changedMeanwhile = (): Problem =>
  new Problem('conflict', 'Somebody else changed the tariffs meanwhile: load them again');
