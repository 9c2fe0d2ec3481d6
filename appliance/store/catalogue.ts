import type { ChunkRef, Partition, PartitionKey } from './history-engine.ts';

/** Where a chunk lies in its partition: of a file the byte at which it begins, of a table its number. `length` in bytes. */
export interface Location {
  offset: number;
  length: number;
}

export interface CatalogueEntry extends Omit<ChunkRef, 'partition'>, Location {}

/** A chunk as it is found: its place is in the catalogue's hands. */
export interface FoundChunk extends CatalogueEntry {
  partition: Partition;
}

/** A partition with its index still as text: a month of partitions stays small in memory, and few are looked into. */
export interface Shelf extends Partition {
  index: string;
  /** Times of the first and last row of any host. */
  first: number;
  last: number;
}

export function toShelf(key: PartitionKey & { id: string; bytes: number }, entries: readonly CatalogueEntry[]): Shelf {
  const { id, tier, lane, from, spanMs, through, bytes, isWhole } = key;
  const first = entries.reduce((least, entry) => Math.min(least, entry.from), Number.MAX_SAFE_INTEGER);
  const last = entries.reduce((most, entry) => Math.max(most, entry.to), 0);
  const index = writeIndex(entries);
  return { id, tier, lane, from, spanMs, through, bytes, first, last, index, ...(isWhole && { isWhole }) };
}

function writeIndex(entries: readonly CatalogueEntry[]): string {
  return entries
    .map(({ hostId, from, to, rows, intervalMs, offset, length }) =>
      [hostId, from, to, rows, intervalMs, offset, length].join(','),
    )
    .join(';');
}

/** The chunks of one host, without unpacking the others. */
export function entriesOf(shelf: Shelf, hostId: string): CatalogueEntry[] {
  const entries: CatalogueEntry[] = [];
  for (let at = shelf.index.indexOf(hostId); at >= 0; at = shelf.index.indexOf(hostId, at + 1)) {
    const end = shelf.index.indexOf(';', at);
    const entry = parseEntry(shelf.index.slice(at, end < 0 ? undefined : end));
    if (entry.hostId === hostId && (at === 0 || shelf.index[at - 1] === ';')) entries.push(entry);
  }
  return entries;
}

/** The chunks of all hosts, unpacked. */
export function chunksByHost(shelf: Shelf): Map<string, FoundChunk[]> {
  const hosts = new Map<string, FoundChunk[]>();
  for (const entry of allEntries(shelf)) {
    const found = { ...entry, partition: shelf };
    const own = hosts.get(entry.hostId);
    if (own) own.push(found);
    else hosts.set(entry.hostId, [found]);
  }
  return hosts;
}

export const hostsOf = ({ index }: Shelf): string[] =>
  index === '' ? [] : index.split(';').map((text) => text.slice(0, text.indexOf(',')));

/** The shelf without the entries that `keep` refuses. */
export function withEntries(shelf: Shelf, keep: (entry: CatalogueEntry) => boolean): Shelf {
  return toShelf(shelf, allEntries(shelf).filter(keep));
}

/** The chunks of all hosts. */
export const allEntries = ({ index }: Shelf): CatalogueEntry[] =>
  index === '' ? [] : index.split(';').map((text) => parseEntry(text));

function parseEntry(text: string): CatalogueEntry {
  const [hostId = '', ...numbers] = text.split(',');
  const [from = 0, to = 0, rows = 0, intervalMs = 0, offset = 0, length = 0] = numbers.map(Number);
  return { hostId, from, to, rows, intervalMs, offset, length };
}

/** Whether everything in `other` is in `whole` too, if that is whole. */
export const takesPlaceOf = (whole: Partition, other: Partition): boolean =>
  other.tier === whole.tier &&
  other.lane === whole.lane &&
  other.from >= whole.from &&
  other.from + other.spanMs <= whole.from + whole.spanMs &&
  other.through <= whole.through;
