import { SeriesLimitError } from '../history.ts';
import { type Block, type Header, parseHeader, parseLine } from './block.ts';
import { type ReadLine, readLines, TransferError } from './line.ts';

export interface ImportOptions {
  /** The host that rows of a host go to, by its id and by its name in the file; itself where absent. */
  hostOf?: (hostId: string, name: string) => string;
}

/** What became of an import. What is counted as taken is durable, also after a problem. */
export interface ImportReport {
  lines: number;
  /** Rows that were taken, and rows whose moment was known here already. */
  rows: number;
  known: number;
  /** Hosts that got rows. */
  hosts: { id: string; nameInFile: string }[];
  /** Why it ended before the end of the file; everything before that line was taken. */
  problem?: { line: number; reason: string };
}

/** A row may lie this far ahead of the appliance's clock, as with frames. */
const AHEAD_MS = 24 * 3_600_000;

/** The lines of a file as blocks, one at a time; ends at the first problem and remembers it. */
export class Input {
  known = 0;
  readonly #lines: AsyncIterator<ReadLine>;
  readonly #options: ImportOptions;
  readonly #now: () => number;
  readonly #hosts = new Set<string>();
  #header: Header | undefined;
  #next: Block | undefined;
  #line = 0;
  #rows = 0;
  #seen = 0;
  #isOver = false;
  #problem: { line: number; reason: string } | undefined;

  constructor(source: AsyncIterable<Uint8Array>, options: ImportOptions, now: () => number) {
    this.#lines = readLines(source)[Symbol.asyncIterator]();
    this.#options = options;
    this.#now = now;
  }

  /** The next block, which stays the next one until it is taken. */
  async peek(): Promise<Block | undefined> {
    while (!this.#next && !this.#isOver) await this.#advance();
    return this.#next;
  }

  take(): void {
    this.#seen += this.#next?.times.length ?? 0;
    this.#next = undefined;
  }

  placed({ rows, hosts }: { rows: number; hosts: Iterable<string> }): void {
    this.#rows += rows;
    for (const each of hosts) this.#hosts.add(each);
  }

  /** Runs what a line asks for; a limit that it breaks ends the import at this line. */
  guard<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SeriesLimitError)) throw error;
      this.#end(this.#line, error.message);
      return undefined;
    }
  }

  report(): ImportReport {
    const hosts = [...this.#hosts].map((id) => ({ id, nameInFile: this.#header?.hosts[id] ?? '' }));
    const report = { lines: this.#line, rows: this.#rows, known: this.known, hosts };
    return this.#problem ? { ...report, problem: this.#problem } : report;
  }

  async #advance(): Promise<void> {
    try {
      const { done, value } = await this.#lines.next();
      if (done) return this.#end(this.#line + 1, 'the file ends here, without its last line: it was cut');
      this.#line = value.line;
      if (!this.#header) this.#header = parseHeader(value.value);
      else this.#accept(parseLine(value.value, value.line));
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      this.#end(error.line, error.message);
    }
  }

  #accept(found: Block | { rows: number }): void {
    if (!('tier' in found)) {
      if (found.rows !== this.#seen)
        throw new TransferError(this.#line, `${found.rows} rows were written, ${this.#seen} came`);
      this.#isOver = true;
      return;
    }
    const last = found.times.at(-1) ?? 0;
    if (last > this.#now() + AHEAD_MS)
      throw new TransferError(this.#line, `it has rows of the future: ${new Date(last).toISOString()}`);
    const name = this.#header?.hosts[found.hostId] ?? '';
    this.#next = { ...found, hostId: this.#options.hostOf?.(found.hostId, name) ?? found.hostId };
  }

  #end(line: number, reason: string): void {
    this.#isOver = true;
    this.#next = undefined;
    this.#problem = { line, reason };
  }
}
