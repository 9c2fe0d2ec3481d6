import { type FileHandle, open } from 'node:fs/promises';
import * as z from 'zod/mini';
import { collector, type Miss, NothingToRead, type Put, type ReaderDeps } from './collector.ts';

const EVERY_MS = 15_000;
/** At most so much of one log is read each time; what is more is passed over, and said. */
const MOST_BYTES = 4 * 1024 * 1024;
const LONGEST_LINE = 64 * 1024;

const settings = z.object({
  counters: z._default(
    z.array(
      z.object({
        name: z.string().check(z.regex(/^[\w .:/-]{1,64}$/)),
        path: z.string().check(z.regex(/^(?:\/|[A-Za-z]:\\)/, 'write the whole path of the log')),
        pattern: z._default(z.string(), ''),
      }),
    ),
    [],
  ),
});
type Counter = z.infer<typeof settings>['counters'][number];

/** Counts the new lines of one log that match; the log may be rotated at any time. */
export class LogCounter {
  readonly name: string;
  readonly #path: string;
  readonly #pattern: RegExp;
  #inode: number | undefined;
  #position = 0;
  #rest = '';
  #readAt = Number.NaN;

  constructor({ name, path, pattern }: Counter, root = '') {
    this.name = name;
    this.#path = root + path;
    this.#pattern = new RegExp(pattern);
  }

  /** Matching lines a second since the last call; undefined at the first, which only looks where the log ends. */
  async rate(mono: number, miss: Miss): Promise<number | undefined> {
    const file = await open(this.#path, 'r');
    try {
      const { ino, size } = await file.stat();
      const isFirst = this.#inode === undefined;
      if (isFirst) this.#position = size;
      else if (ino !== this.#inode || size < this.#position) this.#begin();
      this.#inode = ino;
      const found = await this.#count(file, size, miss);
      const seconds = (mono - this.#readAt) / 1000;
      this.#readAt = mono;
      return isFirst ? undefined : Math.round((found / seconds) * 1e4) / 1e4;
    } finally {
      await file.close();
    }
  }

  /** Another file, or the same made empty. */
  #begin(): void {
    this.#position = 0;
    this.#rest = '';
  }

  async #count(file: FileHandle, size: number, miss: Miss): Promise<number> {
    if (size - this.#position > MOST_BYTES) {
      miss(`${this.#path}: ${size - this.#position - MOST_BYTES} bytes were passed over`);
      this.#position = size - MOST_BYTES;
      this.#rest = '';
    }
    const wanted = size - this.#position;
    if (wanted <= 0) return 0;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, this.#position);
    this.#position += bytesRead;
    const lines = (this.#rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    return lines.filter((line) => this.#pattern.test(line.slice(0, LONGEST_LINE))).length;
  }
}

function readOwn({ counters }: { counters: Counter[] }, { files }: ReaderDeps) {
  if (counters.length === 0) throw new NothingToRead('the agent’s file names no log');
  const logs = counters.map((each) => new LogCounter(each, files.root));
  return {
    everyMs: EVERY_MS,
    async read(put: Put, { mono }: { mono: number }, miss: Miss) {
      for (const log of logs) {
        const rate = await log.rate(mono, miss).catch((error: Error) => miss(`${log.name}: ${error.message}`));
        if (rate !== undefined) put('log.lines.rate', rate, log.name);
      }
    },
  };
}

/** How many lines come into logs that match a pattern, as the agent's own file names them. What they say stays on the machine. */
export const logs = collector({
  id: 'logs',
  title: 'Logs',
  isSlow: true,
  settings,
  descriptors: [
    {
      id: 'log.lines.rate',
      title: 'Log lines',
      unit: '{line}/s',
      kind: 'rate',
      rollup: 'average',
      attributes: ['log.name'],
      min: 0,
      chart: { group: 'logs', order: 91, style: 'line' },
    },
  ],
  read: { linux: readOwn, darwin: readOwn, win32: readOwn },
});
