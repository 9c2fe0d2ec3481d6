import { Problem } from '../problem.ts';
import { type Collection, ConflictError, type Document, type DocumentStore, type Kind } from '../store/documents.ts';

/** Of one kind and site; more is a mistake of a program, and each is looked at each second. */
const MOST = 500;

/** Documents of one kind, all in memory because every alert asks for them; durable when a change resolves. */
export class Kept<T extends Document> {
  readonly #records: Collection<T>;
  readonly #word: string;
  readonly #known = new Map<string, T>();

  private constructor(records: Collection<T>, word: string) {
    this.#records = records;
    this.#word = word;
  }

  /** `word` is what people call one: `silence`. */
  static async open<T extends Document>(documents: DocumentStore, kind: Kind<T>, word: string): Promise<Kept<T>> {
    const kept = new Kept(await documents.collection(kind), word);
    for (const record of await kept.#records.find()) kept.#known.set(record.id, record);
    return kept;
  }

  all(): T[] {
    return [...this.#known.values()];
  }

  /** Of a site, in the order they were made. */
  list(siteId: string): T[] {
    return this.all()
      .filter((record) => record.siteId === siteId)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** That of another site is as absent as one that never was. */
  read(siteId: string, id: string): T {
    const record = this.#known.get(id);
    if (!record || record.siteId !== siteId) throw new Problem('not-found', `There is no such ${this.#word}`);
    return record;
  }

  async add(document: Omit<T, 'rev'>): Promise<T> {
    if (this.list(document.siteId).length >= MOST)
      throw new Problem('conflict', `A site has at most ${MOST} of these: remove one first`);
    const record = await this.#records.insert(document);
    this.#known.set(record.id, record);
    return record;
  }

  /** Fails with `conflict` when it is not at `rev` any more. */
  async change(document: Omit<T, 'rev'>, rev: number): Promise<T> {
    try {
      const record = await this.#records.update(document, { ifRev: rev });
      if (this.#known.has(record.id)) this.#known.set(record.id, record);
      return record;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new Problem('conflict', `Somebody else changed this ${this.#word}; load it again`);
    }
  }

  async remove(id: string): Promise<void> {
    await this.#records.remove(id);
    this.#known.delete(id);
  }
}
