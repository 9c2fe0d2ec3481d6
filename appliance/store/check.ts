import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kind } from './documents.ts';
import { bringToFormat, FORMAT_STEPS, type FormatStep } from './format.ts';
import { openDocumentStore } from './nedb/documents.ts';
import { openNedbHistory } from './nedb/history-engine.ts';
import { readLines } from './nedb/lines.ts';
import type { StoreLog } from './store-log.ts';

export interface CheckOptions {
  /** A data directory that nobody works with. */
  dir: string;
  log: StoreLog;
  /** Kinds whose documents are parsed by their schema; of any other, checksums are looked at. */
  kinds: readonly Kind<never>[];
  steps?: readonly FormatStep[];
  now?: () => number;
  signal?: AbortSignal | undefined;
}

/**
 * Opens the data of a directory to the last line, bringing it to the newest format before: every document by its schema, every part
 * of history by its checksums. Answers with what is wrong, nothing when all is well. Fails with `DataDirectoryError` when the data
 * is newer than this program.
 */
export async function checkDirectory(options: CheckOptions): Promise<string[]> {
  const { dir, log, steps = FORMAT_STEPS, now = Date.now } = options;
  await bringToFormat({ dir, log, now, steps });
  return [...(await checkDocuments(options)), ...(await checkHistory(options))];
}

async function checkDocuments({ dir, log, kinds, signal }: CheckOptions): Promise<string[]> {
  const wrong: string[] = [];
  const known = new Map(kinds.map((kind) => [`${kind.name}.db`, kind]));
  const files = await readdir(join(dir, 'docs')).catch(() => []);
  const store = await openDocumentStore({ dir, log });
  try {
    for (const name of files.sort()) {
      signal?.throwIfAborted();
      const kind = known.get(name);
      if (kind) await store.collection(kind);
      else if (name.endsWith('.db') && (await hasDamage(join(dir, 'docs', name))))
        wrong.push(`docs/${name} is damaged`);
    }
    wrong.push(...store.quarantined.map(({ file, reason }) => `${file}: ${reason}`));
  } finally {
    await store.close();
  }
  return wrong;
}

async function hasDamage(file: string): Promise<boolean> {
  for await (const { document } of readLines(file)) if (!document) return true;
  return false;
}

const TURN_MS = 8;

async function checkHistory({ dir, log, signal }: CheckOptions): Promise<string[]> {
  const place = join(dir, 'history');
  const engine = await openNedbHistory({ dir: place, log });
  const wrong: string[] = [];
  let since = performance.now();
  const pause = async (): Promise<void> => {
    signal?.throwIfAborted();
    if (performance.now() - since < TURN_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    since = performance.now();
  };
  try {
    for (const { id } of engine.chunks.partitions()) {
      for (const ref of engine.chunks.chunksOf(id)) {
        if (!(await engine.chunks.read(ref))) wrong.push(`history ${id}: rows of ${ref.hostId} are damaged`);
        await pause();
      }
    }
    for (const lane of await readdir(join(place, 'log')).catch(() => [])) {
      for await (const _commit of (await engine.log(lane)).replay()) await pause();
    }
    wrong.push(...engine.damage.map(({ file, reason }) => `${file}: ${reason}`));
  } finally {
    await engine.close();
  }
  return wrong;
}
