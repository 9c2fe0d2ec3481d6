import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CatalogueEntry, entriesOf, type FoundChunk, type Shelf, toShelf, withEntries } from '../catalogue.ts';
import { makeDirectory, removeFile, setAside, syncDirectory } from '../disk.ts';
import { errnoOf, StorageError } from '../errors.ts';
import type { Chunk, ChunkRef, ChunkStore, Partition, PartitionKey, StoredChunk, Tier } from '../history-engine.ts';
import { Shelves } from '../shelves.ts';
import { adoptShelf, listPartitions } from './adopt.ts';
import { blank } from './blank.ts';
import { toChunk, toDocument } from './chunk-line.ts';
import type { NedbFiles } from './commit-log.ts';
import { DurableFile } from './durable.ts';
import { parseLine } from './lines.ts';
import { OpenFiles } from './open-files.ts';
import { documentToShelf, shelfToDocument } from './shelf-document.ts';

const OPEN_FILES = 32;
const UNFINISHED = '.part';

/**
 * Chunks as lines of NeDB files, one file for each partition, read by offset and length from the catalogue. A partition is
 * there from the moment it gets its final name; the catalogue only says where the lines are and is made again when lost.
 */
export class NedbChunkStore implements ChunkStore {
  readonly #files: NedbFiles;
  readonly #catalogue: DurableFile;
  readonly #open = new OpenFiles(OPEN_FILES);
  readonly #shelves = new Shelves();

  private constructor(files: NedbFiles, catalogue: DurableFile) {
    this.#files = files;
    this.#catalogue = catalogue;
  }

  static async open(files: NedbFiles): Promise<NedbChunkStore> {
    const { dir, quarantine, log, now, disk, onDamage } = files;
    await makeDirectory(dir);
    const catalogue = await DurableFile.open({ file: join(dir, 'catalogue.db'), quarantine, log, now, disk });
    catalogue.damage.forEach(onDamage);
    const store = new NedbChunkStore(files, catalogue);
    for (const document of await catalogue.all()) {
      const shelf = documentToShelf(document);
      if (shelf) store.#shelves.set(shelf.id, shelf);
    }
    await store.#settle();
    return store;
  }

  partitions(): readonly Partition[] {
    return [...this.#shelves.values()];
  }

  get bytes(): number {
    return this.partitions().reduce((sum, { bytes }) => sum + bytes, this.#catalogue.bytes);
  }

  async write(key: PartitionKey, chunks: AsyncIterable<Chunk>, onPlaced?: () => void): Promise<void> {
    const id = this.#shelves.freeName(key);
    const file = this.#fileOf(id);
    const { entries, bytes } = await this.#writeFile(`${file}${UNFINISHED}`, { key, chunks });
    try {
      await rename(`${file}${UNFINISHED}`, file);
      await syncDirectory(dirname(file));
    } catch (error) {
      throw new StorageError(`${file} cannot be written`, error);
    }
    const shelf = toShelf({ ...key, id, bytes }, entries);
    // Only now is the partition found: when this fails, the next try takes the same name and replaces the file.
    await this.#catalogue.put([shelfToDocument(shelf)]);
    const replaced = this.#shelves.replacedBy(shelf);
    for (const each of replaced) this.#shelves.delete(each);
    this.#shelves.set(id, shelf);
    onPlaced?.();
    await this.#destroy(replaced);
  }

  find({ tier, hostId, from, to }: { tier: Tier; hostId: string; from: number; to: number }): readonly ChunkRef[] {
    return this.#shelves.find(tier, hostId, { from, to });
  }

  chunksOf(partition: string): readonly ChunkRef[] {
    return this.#shelves.chunksOf(partition);
  }

  hosts(): string[] {
    return this.#shelves.hosts();
  }

  oldest(tier: Tier): number | undefined {
    return this.#shelves.oldest(tier);
  }

  async read(ref: ChunkRef): Promise<StoredChunk | undefined> {
    const { partition, offset, length } = ref as FoundChunk;
    if (!this.#shelves.has(partition.id)) return undefined;
    try {
      const line = await this.#open.read(this.#fileOf(partition.id), offset, length);
      const document = parseLine(line.toString());
      const chunk = document && toChunk(document);
      if (chunk?.hostId === ref.hostId) return chunk;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw new StorageError(`${partition.id} cannot be read`, error);
    }
    this.#giveUp(ref as FoundChunk);
    return undefined;
  }

  async drop(partitions: readonly string[]): Promise<void> {
    await this.#destroy(partitions.filter((id) => this.#shelves.delete(id)));
  }

  async forget(hostId: string): Promise<void> {
    const changed: Shelf[] = [];
    for (const shelf of [...this.#shelves.values()]) {
      const entries = entriesOf(shelf, hostId);
      if (entries.length === 0) continue;
      await blank(this.#fileOf(shelf.id), entries, this.#files.disk);
      const rest = withEntries(shelf, (entry) => entry.hostId !== hostId);
      this.#shelves.set(shelf.id, rest);
      if (rest.index === '') await this.drop([shelf.id]);
      else changed.push(rest);
    }
    if (changed.length > 0) await this.#catalogue.put(changed.map(shelfToDocument));
  }

  async close(): Promise<void> {
    await this.#open.close();
    await this.#catalogue.close();
  }

  #fileOf(id: string): string {
    return join(this.#files.dir, `${id}.db`);
  }

  /** What is no longer on the shelves goes from the disk too. */
  async #destroy(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#catalogue.remove(ids);
    for (const id of ids) {
      await this.#open.forget(this.#fileOf(id));
      await removeFile(this.#fileOf(id));
    }
  }

  async #writeFile(
    file: string,
    { key, chunks }: { key: PartitionKey; chunks: AsyncIterable<Chunk> },
  ): Promise<{ entries: CatalogueEntry[]; bytes: number }> {
    await removeFile(file);
    const { quarantine, log, now, disk } = this.#files;
    const durable = await DurableFile.open({ file, quarantine, log, now, disk });
    try {
      const entries: CatalogueEntry[] = [];
      for await (const chunk of chunks) {
        const [location] = await durable.insert([toDocument(chunk, key)], false);
        const { hostId, from, to, rows, intervalMs } = chunk;
        if (location) entries.push({ hostId, from, to, rows, intervalMs, ...location });
      }
      await durable.sync();
      return { entries, bytes: durable.bytes };
    } finally {
      await durable.close();
    }
  }

  #giveUp(damaged: FoundChunk): void {
    const reason = this.#shelves.leaveOut(damaged);
    if (!reason) return;
    const { hostId, from, to, partition } = damaged;
    this.#files.onDamage({ file: this.#fileOf(partition.id), reason });
    this.#files.log.error({ file: partition.id, hostId, from, to }, 'A chunk of history is damaged');
  }

  /** Brings catalogue and files together after a crash, a lost catalogue or a shortened file. */
  async #settle(): Promise<void> {
    const present = await listPartitions(this.#files.dir);
    for (const shelf of [...this.#shelves.values()]) {
      const bytes = present.get(shelf.id);
      if (bytes === shelf.bytes) continue;
      this.#shelves.delete(shelf.id);
      const reason = bytes === undefined ? 'the file is missing' : `${bytes} bytes are there instead of ${shelf.bytes}`;
      this.#files.onDamage({ file: this.#fileOf(shelf.id), reason });
      this.#files.log.error({ file: shelf.id }, `A partition of history does not fit its catalogue: ${reason}`);
      if (bytes === undefined) await this.#catalogue.remove([shelf.id]);
    }
    for (const [id, bytes] of present) if (!this.#shelves.has(id)) await this.#adopt(id, bytes);
    // A crash came between the moment a whole partition was placed and the end of those whose place it takes.
    for (const shelf of [...this.#shelves.values()]) await this.drop(this.#shelves.replacedBy(shelf));
  }

  async #adopt(id: string, bytes: number): Promise<void> {
    const file = this.#fileOf(id);
    const { shelf, damaged } = await adoptShelf({ id, file, bytes });
    if (damaged > 0) this.#files.onDamage({ file, reason: `${damaged} lines are damaged` });
    if (!shelf) {
      await setAside(file, this.#files.quarantine, this.#files.now());
      await removeFile(file);
      return void (await this.#catalogue.remove([id]));
    }
    this.#files.log.warn({ file: id }, 'A partition of history was put back into the catalogue');
    this.#shelves.set(id, shelf);
    await this.#catalogue.put([shelfToDocument(shelf)]);
  }
}
