import type { Hub } from '../hub.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import { type Collection, ConflictError, type DocumentStore } from '../store/documents.ts';
import { type Site, sites } from './documents.ts';

/** Every site, in memory and on disk: each request asks for one. */
export class Sites {
  readonly #records: Collection<Site>;
  readonly #hub: Hub;
  readonly #known = new Map<string, Site>();

  private constructor(records: Collection<Site>, hub: Hub) {
    this.#records = records;
    this.#hub = hub;
  }

  static async open(documents: DocumentStore, hub: Hub): Promise<Sites> {
    const opened = new Sites(await documents.collection(sites), hub);
    for (const site of await opened.#records.find()) opened.#known.set(site.id, site);
    return opened;
  }

  /** Oldest first. */
  all(): Site[] {
    return [...this.#known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(siteId: string): Site | undefined {
    return this.#known.get(siteId);
  }

  need(siteId: string): Site {
    const site = this.#known.get(siteId);
    if (!site) throw new Problem('not-found', 'There is no such site');
    return site;
  }

  async add(name: string, now: number): Promise<Site> {
    this.#refuseTaken(name);
    return this.#insert({ id: newId(now), name, createdAt: now });
  }

  /** A site whose document was lost comes back under its id, because everything else still belongs to that. */
  async restore(id: string, createdAt: number): Promise<Site> {
    const taken = new Set(this.all().map(({ name }) => name));
    let name = 'Home';
    for (let n = 2; taken.has(name); n++) name = `Home (${n})`;
    return this.get(id) ?? (await this.#insert({ id, name, createdAt }));
  }

  async #insert(site: Pick<Site, 'id' | 'name' | 'createdAt'>): Promise<Site> {
    const added = await this.#records.insert({ ...site, siteId: site.id });
    this.#known.set(added.id, added);
    this.#hub.emit('site', { after: added });
    return added;
  }

  /** `ifRev` guards against another edit meanwhile. */
  async rename(siteId: string, name: string, ifRev?: number): Promise<Site> {
    const before = this.need(siteId);
    this.#refuseTaken(name, siteId);
    try {
      const after = await this.#records.update({ ...before, name }, ifRev === undefined ? {} : { ifRev });
      this.#known.set(siteId, after);
      this.#hub.emit('site', { before, after });
      return after;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new Problem('conflict', 'Somebody else changed this site; load it again');
    }
  }

  async remove(siteId: string): Promise<void> {
    const before = this.need(siteId);
    await this.#records.remove(siteId);
    this.#known.delete(siteId);
    this.#hub.emit('site', { before });
  }

  #refuseTaken(name: string, own?: string): void {
    if (!this.all().some((site) => site.name === name && site.id !== own)) return;
    throw new Problem('conflict', `Another site is called ${name}`, [
      { path: 'body.name', message: 'another site has this name' },
    ]);
  }
}
