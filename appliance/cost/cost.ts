import type { Host } from '../../protocol/hosts.ts';
import type { CostOverview } from '../../protocol/routes/cost.ts';
import type { FactEvent } from '../hub.ts';
import type { SealedFormParts } from '../sealed-form.ts';
import { SECOND_MS } from '../spans.ts';
import type { DocumentStore } from '../store/documents.ts';
import { Books } from './books.ts';
import { budgetFact } from './budget.ts';
import { Costs, type CostsParts } from './costs.ts';
import { Counters } from './counters.ts';
import { overviewOf } from './overview.ts';
import { Power, type PowerParts } from './power.ts';
import type { PowerPlugin } from './source.ts';
import { SourceBook } from './source-book.ts';
import { sources as plugins } from './sources/index.ts';
import { SpotStore } from './spot-store.ts';
import { joulesAfter } from './usage.ts';

export interface CostParts
  extends SealedFormParts,
    Pick<PowerParts, 'log' | 'now' | 'host' | 'hosts' | 'history' | 'announce' | 'measured'>,
    Pick<CostsParts, 'read' | 'general'> {
  documents: DocumentStore;
  /** The budget of a site is to be looked at now. */
  tellBudget(siteId: string): void;
}

/** An overview is kept for so long: several pages ask at once, and each asks again every minute. */
const KEPT_MS = 20 * SECOND_MS;

/** Power and cost: meters and models that give hosts their watts, tariffs, and what comes of both. */
export class Cost {
  readonly books: Books;
  readonly spots: SpotStore;
  readonly sources: SourceBook;
  readonly power: Power;
  readonly costs: Costs;
  readonly plugins: readonly PowerPlugin[] = plugins;
  readonly #counters: Counters;
  readonly #tellBudget: CostParts['tellBudget'];
  readonly #now: () => number;
  readonly #kept = new Map<string, { at: number; answer: Promise<CostOverview> }>();

  private constructor(
    parts: CostParts,
    { books, spots, sources, counters }: { books: Books; spots: SpotStore; sources: SourceBook; counters: Counters },
  ) {
    this.books = books;
    this.spots = spots;
    this.sources = sources;
    this.#now = parts.now;
    this.#counters = counters;
    this.#tellBudget = parts.tellBudget;
    this.power = new Power({
      ...{ ...parts, counters, book: sources },
      machinesOf: (siteId) => books.machinesOf(siteId),
      joulesAfter: (source, after) => joulesAfter(source, { after, now: parts.now(), read: parts.read }),
    });
    const hostsOf = (siteId: string): Host[] => parts.hosts().filter((host) => host.siteId === siteId);
    this.costs = new Costs({ ...parts, books, spots, sources, hostsOf });
  }

  static async open(parts: CostParts): Promise<Cost> {
    const { documents } = parts;
    const cost = new Cost(parts, {
      books: await Books.open(documents),
      spots: await SpotStore.open(documents),
      sources: await SourceBook.open({ ...parts, plugins }),
      counters: await Counters.open(documents),
    });
    cost.power.start();
    return cost;
  }

  overview(siteId: string): Promise<CostOverview> {
    const kept = this.#kept.get(siteId);
    const now = this.#now();
    if (kept && now - kept.at < KEPT_MS && now >= kept.at) return kept.answer;
    const answer = overviewOf(siteId, this);
    this.#kept.set(siteId, { at: now, answer });
    answer.catch(() => this.#kept.delete(siteId));
    return answer;
  }

  /** Tariffs, sources or settings of a site are others than before. */
  changed(siteId: string): void {
    this.#kept.delete(siteId);
  }

  /** Tariffs, budget or machines were changed: what is said of the budget is said at once, and models are made of the new machines. */
  booksChanged(siteId: string, { hasOtherMachines }: { hasOtherMachines: boolean }): void {
    this.changed(siteId);
    if (hasOtherMachines) this.power.changedSite(siteId);
    this.#tellBudget(siteId);
  }

  /** Whether each site that has a budget keeps within it. */
  async budgets(siteIds: Iterable<string>): Promise<FactEvent[]> {
    const facts: FactEvent[] = [];
    for (const siteId of siteIds) {
      // Also without one: a budget that was taken away ends its alert.
      if (this.books.of(siteId).rev > 0) facts.push(budgetFact(siteId, await overviewOf(siteId, this)));
    }
    return facts;
  }

  /** A host was changed, removed or moved to another site. */
  async hostChanged(before: Host | undefined, after: Host | undefined): Promise<void> {
    if (before && (!after || before.siteId !== after.siteId)) {
      await this.power.forget(before.id);
      this.changed(before.siteId);
      await this.sources.forget(before.id);
    } else if (before && after && before.watts !== after.watts) this.power.changed(after.id);
    else if (before && after && before.facts?.cpuModel !== after.facts?.cpuModel) this.power.changed(after.id);
    const shown = (host: Host | undefined) => JSON.stringify([host?.name, host?.tags, host?.rack]);
    if (after && shown(before) !== shown(after)) this.changed(after.siteId);
  }

  async forgetSite(siteId: string): Promise<void> {
    this.changed(siteId);
    await this.books.forgetSite(siteId);
    await this.spots.forgetSite(siteId);
    await this.sources.forgetSite(siteId);
    await this.#counters.forgetSite(siteId);
  }

  async close(): Promise<void> {
    await this.power.stop();
  }
}
