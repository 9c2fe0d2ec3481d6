import { crc32 } from 'node:zlib';
import { entriesOf, type FoundChunk, type Location, type Shelf, toShelf, withEntries } from '../catalogue.ts';
import { StorageError } from '../errors.ts';
import type { Chunk, ChunkRef, ChunkStore, Partition, PartitionKey, StoredChunk, Tier } from '../history-engine.ts';
import { Shelves } from '../shelves.ts';
import { ChunkBodies } from './chunk-bodies.ts';
import { readBody } from './chunk-body.ts';
import type { DatabaseParts } from './commit-log.ts';
import { loadShelves } from './load-shelves.ts';
import { stageChunks } from './stage-chunks.ts';

/**
 * Chunks as rows of a table, found by what is held in memory. A partition comes in batches, between which commits are written as ever,
 * and is there from the moment it is placed, by one statement. What is not in memory does not count: should the database hold more,
 * because an answer was lost or a partition could not be taken away, that goes before the next partition is written.
 */
export class PostgresChunkStore implements ChunkStore {
  readonly #parts: DatabaseParts;
  readonly #bodies: ChunkBodies;
  readonly #shelves = new Shelves();
  /** Partitions that must not be in the database, and perhaps are. */
  readonly #unwanted = new Set<string>();
  /** Partitions that are being written. */
  readonly #coming = new Set<string>();

  private constructor(parts: DatabaseParts) {
    this.#parts = parts;
    this.#bodies = new ChunkBodies(parts.database.read);
  }

  /** Only reads: what a crash has left behind is not counted, and goes before the first partition is written. */
  static async open(parts: DatabaseParts): Promise<PostgresChunkStore> {
    const store = new PostgresChunkStore(parts);
    for (const shelf of await loadShelves(parts.database.read)) store.#shelves.set(shelf.id, shelf);
    for (const shelf of [...store.#shelves.values()]) store.#takeAway(store.#shelves.replacedBy(shelf));
    return store;
  }

  partitions(): readonly Partition[] {
    return [...this.#shelves.values()];
  }

  get bytes(): number {
    return this.partitions().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async write(key: PartitionKey, chunks: AsyncIterable<Chunk>, onPlaced?: () => void): Promise<void> {
    await this.#clear();
    const id = this.#shelves.freeName(key);
    this.#coming.add(id);
    try {
      const entries = await stageChunks(this.#parts.database.write, { ...key, id }, chunks);
      await this.#place(id, entries.length);
      this.#show(toShelf({ ...key, id, bytes: lengthOf(entries) }, entries), onPlaced);
    } finally {
      this.#coming.delete(id);
    }
    // The new one counts, whatever becomes of those whose place it took: what is left of them goes before the next one.
    if (key.isWhole) await this.#clear().catch(() => undefined);
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
    const found = ref as FoundChunk; // Every reference comes from the shelves.
    if (!this.#shelves.has(found.partition.id)) return undefined;
    const chunk = await this.#load(found);
    if (chunk?.hostId === found.hostId) return chunk;
    this.#giveUp(found);
    return undefined;
  }

  async drop(partitions: readonly string[]): Promise<void> {
    this.#takeAway(partitions);
    await this.#clear();
  }

  async forget(hostId: string): Promise<void> {
    for (const shelf of [...this.#shelves.values()]) {
      const gone = entriesOf(shelf, hostId);
      if (gone.length === 0) continue;
      const rest = withEntries({ ...shelf, bytes: shelf.bytes - lengthOf(gone) }, (entry) => entry.hostId !== hostId);
      if (rest.index === '') this.#takeAway([shelf.id]);
      else this.#shelves.set(shelf.id, rest);
    }
    // Also of what is not in memory, and once more when it failed before.
    await this.#parts.database.write('delete from reeve.chunks where host_id = $1', [hostId]);
    await this.#clear();
  }

  /** From the answer on it counts. Should the answer be lost, it may be there without being known, so it is unwanted until then. */
  async #place(id: string, chunks: number): Promise<void> {
    this.#unwanted.add(id);
    const placed = await this.#parts.database.write(
      `update reeve.partitions set is_placed = true
      where id = $1 and (select count(*) from reeve.chunks where partition = $1) = $2 returning id`,
      [id, chunks],
    );
    if (placed.length === 0) throw new StorageError(`${id} cannot be written`, new Error('a part of it was not kept'));
    this.#unwanted.delete(id);
  }

  #show(shelf: Shelf, onPlaced: () => void = () => undefined): void {
    this.#takeAway(this.#shelves.replacedBy(shelf));
    this.#shelves.set(shelf.id, shelf);
    onPlaced();
  }

  #takeAway(ids: readonly string[]): void {
    for (const id of ids) if (this.#shelves.delete(id)) this.#unwanted.add(id);
  }

  /** Lets go of everything in the database that is not in memory; their chunks go with them. */
  async #clear(): Promise<void> {
    const coming = [...this.#coming];
    const unwanted = [...this.#unwanted].filter((id) => !this.#coming.has(id));
    await this.#parts.database.write(
      'delete from reeve.partitions where (not is_placed or id = any($1::text[])) and id <> all($2::text[])',
      [unwanted, coming],
    );
    for (const id of unwanted) this.#unwanted.delete(id);
  }

  async #load({ partition, offset }: FoundChunk): Promise<StoredChunk | undefined> {
    const row = await this.#bodies.fetch(partition.id, offset);
    return row && crc32(row.body) === row.crc ? readBody(row.body) : undefined;
  }

  #giveUp(damaged: FoundChunk): void {
    const reason = this.#shelves.leaveOut(damaged);
    if (!reason) return;
    const { hostId, from, to, partition } = damaged;
    this.#parts.onDamage({ file: partition.id, reason });
    this.#parts.log.error({ partition: partition.id, hostId, from, to }, 'A chunk of history is damaged');
  }
}

const lengthOf = (chunks: readonly Location[]): number => chunks.reduce((sum, { length }) => sum + length, 0);
