import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Turns } from '../../turns.ts';
import { readIfThere, replaceFile } from '../disk.ts';
import { type Damage, errnoOf } from '../errors.ts';
import type { StoreLog } from '../store-log.ts';

const record = z.object({ held: z.array(z.string()) });
const END = '.db';

/** Remembers which kinds of document were ever held, beside `docs/`, so that a file that was lost is not taken for a new one. */
export class Held {
  /** Files that held documents and are gone or empty. */
  readonly lost: readonly Damage[];
  readonly #file: string;
  readonly #log: StoreLog;
  readonly #turns = new Turns();
  #names: ReadonlySet<string>;

  private constructor({ file, log, names, lost }: { file: string; log: StoreLog; names: Set<string>; lost: Damage[] }) {
    this.#file = file;
    this.#log = log;
    this.#names = names;
    this.lost = lost;
  }

  /** To be opened before any file in `docs/`, which would make the missing ones. */
  static async open(dir: string, log: StoreLog): Promise<Held> {
    const file = join(dir, 'collections.json');
    const names = await readNames(file, log);
    const present = await filled(join(dir, 'docs'));
    const lost = [...names].filter((name) => !present.has(name)).map((name) => lossOf(join(dir, 'docs', name + END)));
    for (const damage of lost) log.error(damage, 'Documents are lost');
    const held = new Held({ file, log, names, lost });
    await held.#remember(present);
    return held;
  }

  /** To be called when a kind has got a document; writes the first time only. */
  async note(name: string): Promise<void> {
    if (!this.#names.has(name)) await this.#turns.run(() => this.#remember(new Set([name])));
  }

  /** The documents themselves are safe: without this record only a later loss would go unnoticed, so its failure ends nothing. */
  async #remember(more: ReadonlySet<string>): Promise<void> {
    const names = new Set([...this.#names, ...more]);
    if (names.size === this.#names.size) return;
    try {
      await replaceFile(this.#file, `${JSON.stringify({ held: [...names].sort() })}\n`);
      this.#names = names;
    } catch (error) {
      this.#log.warn({ err: error, file: this.#file }, 'What is held could not be noted; it is tried again');
    }
  }
}

const lossOf = (file: string): Damage => ({
  file,
  reason: 'it held documents and is missing or empty: restore it from a backup',
});

async function readNames(file: string, log: StoreLog): Promise<Set<string>> {
  const text = await readIfThere(file);
  if (text === undefined) return new Set();
  try {
    return new Set(record.parse(JSON.parse(text)).held);
  } catch {
    log.warn({ file }, 'The note of what is held is damaged and is made anew');
    return new Set();
  }
}

async function filled(docs: string): Promise<Set<string>> {
  const found = new Set<string>();
  const entries = await readdir(docs).catch((error) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries.filter((name) => name.endsWith(END))) {
    if ((await stat(join(docs, entry))).size > 0) found.add(entry.slice(0, -END.length));
  }
  return found;
}
