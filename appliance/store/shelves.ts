import { inOrder } from '../in-order.ts';
import { Recent } from '../recent.ts';
import {
  allEntries,
  chunksByHost,
  entriesOf,
  type FoundChunk,
  hostsOf,
  type Shelf,
  takesPlaceOf,
  withEntries,
} from './catalogue.ts';
import type { PartitionKey, Tier } from './history-engine.ts';

type Index = ReadonlyMap<string, readonly FoundChunk[]>;

/** Where chunks of a tier were looked for, and what was found of each host that was asked for. */
interface Looked {
  from: number;
  to: number;
  indices: readonly Index[];
  hosts: Map<string, readonly FoundChunk[]>;
}

/** Of so many chunks the indices stay unpacked; one is about 200 bytes. */
const MOST_READ = 20_000;

/** Partitions by their names, and what lies in them. */
export class Shelves extends Map<string, Shelf> {
  /** A query asks for all its hosts in turn, and a dashboard for the same ones again. */
  readonly #looked = new Map<Tier, Looked>();
  readonly #indices = new Recent<Shelf, Index>(MOST_READ, ({ size }) => size);

  /** Chunks of a host that overlap `from` ≤ time < `to`, oldest first: the same list until a partition comes or goes. */
  find(tier: Tier, hostId: string, { from, to }: { from: number; to: number }): readonly FoundChunk[] {
    const looked = this.#look(tier, from, to);
    const known = looked.hosts.get(hostId);
    if (known) return known;
    const found: FoundChunk[] = [];
    for (const index of looked.indices)
      for (const chunk of index.get(hostId) ?? []) if (chunk.from < to && chunk.to >= from) found.push(chunk);
    looked.hosts.set(
      hostId,
      inOrder(found, (chunk) => chunk.from),
    );
    return found;
  }

  /** Chunks of all hosts in a partition. */
  chunksOf(partition: string): FoundChunk[] {
    const shelf = this.get(partition);
    return shelf ? allEntries(shelf).map((entry) => ({ ...entry, partition: shelf })) : [];
  }

  /** Every host that has a chunk. */
  hosts(): string[] {
    return [...new Set([...this.values()].flatMap(hostsOf))];
  }

  /** Time of the oldest row of any host. */
  oldest(tier: Tier): number | undefined {
    let first: number | undefined;
    for (const shelf of this.values()) if (shelf.tier === tier) first = Math.min(first ?? shelf.first, shelf.first);
    return first;
  }

  /** `raw/2h/2025-11-21T10+2h.512`: period and last commit tell partitions apart. A name is not used again. */
  freeName({ tier, lane, from, spanMs, through }: PartitionKey): string {
    const period = `${new Date(from).toISOString().slice(0, 13)}+${spanMs / 3_600_000}h`;
    const name = `${tier}/${lane}/${period}.${through}`;
    for (let n = 1; ; n++) {
      const free = n === 1 ? name : `${name}-${n}`;
      if (!this.has(free)) return free;
    }
  }

  /** Names of those whose place a whole one takes. */
  replacedBy(whole: Shelf): string[] {
    if (!whole.isWhole) return [];
    const others = [...this.values()].filter((shelf) => shelf.id !== whole.id && takesPlaceOf(whole, shelf));
    return others.map(({ id }) => id);
  }

  /** Takes a damaged chunk away; answers with what is to be said of it, or nothing when that was done already. */
  leaveOut({ partition, hostId, offset, from, to }: FoundChunk): string | undefined {
    const shelf = this.get(partition.id);
    // Two queries may have met it at the same time.
    if (!shelf || !entriesOf(shelf, hostId).some((entry) => entry.offset === offset)) return undefined;
    this.set(
      shelf.id,
      withEntries(shelf, (entry) => entry.offset !== offset),
    );
    const span = `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
    return `the history of host ${hostId} from ${span} is damaged and was left out`;
  }

  override set(name: string, shelf: Shelf): this {
    this.#looked.clear();
    return super.set(name, shelf);
  }

  override delete(name: string): boolean {
    this.#looked.clear();
    return super.delete(name);
  }

  #look(tier: Tier, from: number, to: number): Looked {
    const last = this.#looked.get(tier);
    if (last?.from === from && last.to === to) return last;
    const shelves = [...this.values()].filter((each) => each.tier === tier && each.first < to && each.last >= from);
    const indices = inOrder(shelves, ({ first }) => first).map((shelf) => this.#indexOf(shelf));
    const looked = { from, to, indices, hosts: new Map() };
    this.#looked.set(tier, looked);
    return looked;
  }

  #indexOf(shelf: Shelf): Index {
    const known = this.#indices.get(shelf);
    if (known) return known;
    const index = chunksByHost(shelf);
    this.#indices.set(shelf, index);
    return index;
  }
}
