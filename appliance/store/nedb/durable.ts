import { dirname } from 'node:path';
import type Datastore from 'nedb-promises';
import { Turns } from '../../turns.ts';
import { type Disk, makeDirectory, realDisk, setAside } from '../disk.ts';
import { type Damage, StorageError } from '../errors.ts';
import type { StoreLog } from '../store-log.ts';
import { AppendFile, type Location } from './append-file.ts';
import { createStore, type Inside, insideOf, type Stored } from './inside.ts';
import { LineReader, sealLine } from './line.ts';
import { linesOf } from './lines.ts';

export interface DurableOptions {
  file: string;
  /** Directory that keeps what was damaged. */
  quarantine: string;
  indexes?: readonly string[];
  log: StoreLog;
  now: () => number;
  disk?: Disk;
}

export interface Search {
  sort?: Record<string, 1 | -1>;
  limit?: number;
}

/** The documents that a change touches as they were, and the ids that it writes. */
interface Change {
  before: Stored[];
  written: string[];
}

const GARBAGE_BYTES = 1024 * 1024;

/**
 * One NeDB file that keeps its word: a write resolves when it is on the disk, memory and disk never differ, a load never
 * rewrites, damage costs the damaged line only and is named. Each trap it stands against is in findings/history.md §1 and
 * has a test. Fails with `StorageError` when the disk refuses.
 */
export class DurableFile {
  readonly damage: Damage[] = [];
  readonly #options: DurableOptions;
  readonly #store: Datastore<Stored>;
  readonly #inside: Inside;
  readonly #file: AppendFile;
  readonly #turns = new Turns();
  /** Lines of the change that NeDB is making in memory; written by `#commit`. Undefined: memory only. */
  #lines: string[] | undefined;
  #lineCount = 0;
  #documents = 0;
  #compacting = false;

  private constructor(options: DurableOptions, file: AppendFile, store: Datastore<Stored>) {
    this.#options = options;
    this.#file = file;
    this.#store = store;
    this.#inside = insideOf(store);
    this.#inside.persistence.persistNewStateAsync = async (documents) => {
      for (const document of documents) if (document._id) this.#lines?.push(sealLine(JSON.stringify(document)));
    };
  }

  /** Loads the file, or makes an empty one. Damaged lines are left out, kept in quarantine and listed in `damage`. */
  static async open(options: DurableOptions): Promise<DurableFile> {
    await makeDirectory(dirname(options.file));
    const file = await AppendFile.open(options.file, options.disk ?? realDisk);
    await file.checkReadable();
    const reader = new LineReader();
    const store = createStore(options.file, reader);
    await store.load();
    const durable = new DurableFile(options, file, store);
    for (const fieldName of options.indexes ?? []) await store.ensureIndex({ fieldName });
    await durable.#settle(reader);
    return durable;
  }

  get file(): string {
    return this.#options.file;
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  /** Adds documents; fails with NeDB's `uniqueViolated` when an id exists, and then none is added. */
  insert(documents: readonly Stored[], sync = true): Promise<Location[]> {
    const add = () => this.#store.insertMany([...documents]);
    return this.#turns.run(() => this.#change({ before: [], written: documents.map(idOf) }, add, sync));
  }

  /** Adds or replaces documents, all in one write. */
  put(documents: readonly Stored[]): Promise<Location[]> {
    return this.#turns.run(async () => {
      const before = await this.#present(documents.map(idOf));
      const replace = async () => {
        for (const document of documents) await this.#store.update({ _id: document._id }, document, { upsert: true });
      };
      return this.#change({ before, written: documents.map(idOf) }, replace);
    });
  }

  /** Replaces the document of `id` by what `decide` makes of it, with no other write between; undefined = leave it. */
  exchange(id: string, decide: (now: Stored | undefined) => Stored | undefined): Promise<Stored | undefined> {
    return this.#turns.run(async () => {
      const before = await this.#present([id]);
      const after = decide(before[0]);
      if (!after) return undefined;
      await this.#change({ before, written: [id] }, () => this.#store.update({ _id: id }, after, { upsert: true }));
      return after;
    });
  }

  /** Takes documents away and answers how many there were. */
  remove(ids: readonly string[]): Promise<number> {
    return this.#turns.run(async () => {
      const before = await this.#present(ids);
      const removeEach = async () => {
        // One by one: NeDB's `multi` overflows the stack at about 200,000 documents.
        for (const { _id } of before) await this.#store.remove({ _id }, {});
      };
      if (before.length > 0) await this.#change({ before, written: [] }, removeEach);
      return before.length;
    });
  }

  get(id: string): Promise<Stored | undefined> {
    return this.#turns.run(async () => structuredClone(this.#inside.indexes._id.getMatching(id)[0]));
  }

  find(query: Record<string, unknown>, { sort, limit }: Search = {}): Promise<Stored[]> {
    return this.#turns.run(async () => {
      const cursor = this.#store.find<Stored>(query);
      if (sort) cursor.sort(sort);
      if (limit !== undefined) cursor.limit(limit);
      return await cursor;
    });
  }

  /** Every document, in the order of their ids; they are NeDB's own and not to be changed. A start has thousands to read. */
  all(): Promise<readonly Readonly<Stored>[]> {
    return this.#turns.run(async () => this.#inside.getAllData());
  }

  /** Changes what is in memory without writing: for defaults that a schema fills in. */
  overlay(document: Stored): Promise<void> {
    return this.#turns.run(async () => void (await this.#store.update({ _id: document._id }, document)));
  }

  /** Makes inserts that were not synced durable. */
  sync(): Promise<void> {
    return this.#turns.run(() => this.#file.sync());
  }

  /** Writes the file anew without its garbage: temporary file, sync, rename. */
  compact(): Promise<void> {
    return this.#turns.run(() => this.#rewrite());
  }

  close(): Promise<void> {
    return this.#turns.run(() => this.#file.close());
  }

  async #present(ids: readonly string[]): Promise<Stored[]> {
    const found: Stored[] = [];
    for (const _id of ids) {
      const document = await this.#store.findOne<Stored>({ _id });
      if (document) found.push(document);
    }
    return found;
  }

  async #change({ before, written }: Change, act: () => Promise<unknown>, sync = true): Promise<Location[]> {
    const lines: string[] = [];
    this.#lines = lines;
    try {
      await act();
    } finally {
      this.#lines = undefined;
    }
    try {
      if (this.#file.torn) await this.#rewriteWithout(before, written);
      const locations = await this.#file.append(lines, sync);
      this.#lineCount += lines.length;
      this.#documents += written.length - before.length;
      this.#considerCompaction();
      return locations;
    } catch (error) {
      await this.#undo(before, written);
      throw error;
    }
  }

  /** After a failed write the file is replaced by a whole one that holds the state before this change. */
  async #rewriteWithout(before: Stored[], written: string[]): Promise<void> {
    const changed = new Set(written);
    const kept = this.#inside.getAllData().filter((document) => !changed.has(document._id));
    await this.#replace([...kept, ...before]);
  }

  /** In memory only: outside of `#change` NeDB's lines go nowhere. */
  async #undo(before: Stored[], written: string[]): Promise<void> {
    for (const _id of written) await this.#store.remove({ _id }, {});
    for (const { _id } of before) await this.#store.remove({ _id }, {});
    for (const document of before) await this.#store.insert(document);
  }

  async #rewrite(): Promise<void> {
    await this.#replace(this.#inside.getAllData());
  }

  async #replace(documents: readonly Stored[]): Promise<void> {
    await this.#file.replace(linesOf(documents));
    this.#lineCount = documents.length;
    this.#documents = documents.length;
  }

  #considerCompaction(): void {
    const garbage = this.#lineCount === 0 ? 0 : 1 - this.#documents / this.#lineCount;
    if (this.#compacting || garbage <= 0.5 || this.#file.bytes * garbage <= GARBAGE_BYTES) return;
    this.#compacting = true;
    this.compact()
      .catch((error) => this.#options.log.warn({ err: error, file: this.file }, 'The file was not compacted'))
      .finally(() => {
        this.#compacting = false;
      });
  }

  async #settle(reader: LineReader): Promise<void> {
    this.#lineCount = reader.lines;
    this.#documents = this.#inside.getAllData().length;
    const whole = await this.#file.endsWhole();
    if (reader.damaged === 0 && whole) return;
    this.#file.markTorn();
    const kept = await setAside(this.file, this.#options.quarantine, this.#options.now());
    const reason = reader.reason(whole);
    this.damage.push({ file: kept, reason });
    this.#options.log.error({ file: this.file, kept, lines: reader.damaged }, reason);
    await this.#rewrite().catch((error) => {
      if (!(error instanceof StorageError)) throw error;
      this.#options.log.error({ err: error, file: this.file }, 'The damaged file cannot be replaced yet');
    });
  }
}

const idOf = (document: Stored): string => document._id;
