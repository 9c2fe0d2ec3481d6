import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CatalogueEntry, type Shelf, toShelf } from '../catalogue.ts';
import { removeFile } from '../disk.ts';
import { errnoOf } from '../errors.ts';
import type { Tier } from '../history-engine.ts';
import { type Origin, toChunk } from './chunk-line.ts';
import { readLines } from './lines.ts';

interface Orphan {
  id: string;
  file: string;
  bytes: number;
}

/** The catalogue's entry of a partition file, read from the file itself; without `shelf` when no line of it is whole. */
export async function adoptShelf({ id, file, bytes }: Orphan): Promise<{ shelf?: Shelf; damaged: number }> {
  const [tier = '', lane = ''] = id.split('/');
  const entries: CatalogueEntry[] = [];
  let origin: Origin | undefined;
  let damaged = 0;
  for await (const { offset, length, document } of readLines(file)) {
    const chunk = document && toChunk(document);
    if (!chunk) damaged += 1;
    else {
      origin = chunk.origin;
      const { hostId, from, to, rows, intervalMs } = chunk;
      entries.push({ hostId, from, to, rows, intervalMs, offset, length });
    }
  }
  if (!origin) return { damaged };
  return { shelf: toShelf({ ...origin, tier: tier as Tier, lane, id, bytes }, entries), damaged };
}

const TIERS: readonly Tier[] = ['raw', '1m', '5m', '1h'];

/** Size of every finished partition file by its id; what a crash left half written is taken away. */
export async function listPartitions(dir: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const tier of TIERS) {
    for (const lane of await namesIn(join(dir, tier))) {
      for (const name of await namesIn(join(dir, tier, lane))) {
        const file = join(dir, tier, lane, name);
        if (name.endsWith('.db')) found.set(`${tier}/${lane}/${basename(name, '.db')}`, (await stat(file)).size);
        else await removeFile(file);
      }
    }
  }
  return found;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
