import { inOrder } from '../../in-order.ts';
import { Recent } from '../../recent.ts';
import type { Tier } from '../history-engine.ts';
import { chunksByHost, type FoundChunk, type Shelf } from './catalogue.ts';

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
