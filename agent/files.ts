import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { NothingToRead } from './nothing.ts';

/** Grows to the largest file that was ever read: `/proc/stat` of a machine with 512 cores has 100 KB. */
let buffer = Buffer.allocUnsafe(16 * 1024);

/** A file of the kernel that is read again and again through one kept descriptor. */
export class KernelFile {
  readonly #path: string;
  readonly #hasLongLines: boolean;
  #descriptor: number | undefined;
  #text = '';
  #readAt = Number.NaN;

  /** `hasLongLines`: a line may have more than 2 KB, so that it takes one more read to know that all was read. */
  constructor(path: string, { hasLongLines = false } = {}) {
    this.#path = path;
    this.#hasLongLines = hasLongLines;
  }

  /** The whole text. Asked again for the same `mono`, it answers what it read before: collectors share a file. */
  text(mono: number): string {
    if (mono !== this.#readAt) {
      this.#text = this.#read();
      this.#readAt = mono;
    }
    return this.#text;
  }

  #read(): string {
    this.#descriptor ??= openFile(this.#path);
    try {
      return readWhole(this.#descriptor, this.#hasLongLines);
    } catch (error) {
      // The interface or sensor behind a file may go and come back as another one: start afresh next time.
      this.close();
      throw error;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new NothingToRead(`there is no ${path}`);
    throw error;
  }
}

/** No line of such a file is longer; a page that has room for one more was not cut short by the next. */
const LONGEST_LINE = 2_048;

/** Files in /proc hand out at most a page at a time, in whole lines, so one read is not the whole unless much room was left. */
function readWhole(descriptor: number, hasLongLines: boolean): string {
  let size = 0;
  for (;;) {
    if (size === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    const read = readSync(descriptor, buffer, size, buffer.length - size, size);
    size += read;
    // What fills the end of the buffer is short for want of room, and may be half a line.
    const isShort = read <= LONGEST_LINE && buffer.length - size >= LONGEST_LINE;
    if (read === 0 || (isShort && !hasLongLines)) return buffer.toString('latin1', 0, size);
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** The files of the machine, or of a saved one under `root`. Texts are Latin-1 for the kernel's files and UTF-8 else. */
export class SystemFiles {
  readonly root: string;
  readonly #open = new Map<string, KernelFile>();

  constructor(root = '') {
    this.root = root;
  }

  /** A file for the hot path; the same object for the same path. Nothing is opened yet. */
  kernel(path: string, lines?: { hasLongLines: boolean }): KernelFile {
    const known = this.#open.get(path);
    if (known) return known;
    const file = new KernelFile(this.root + path, lines);
    this.#open.set(path, file);
    return file;
  }

  /** Lets go of a file whose device has gone. */
  release(path: string): void {
    this.#open.get(path)?.close();
    this.#open.delete(path);
  }

  /** Reads a small file once; undefined when it is not there or cannot be read. */
  once(path: string): string | undefined {
    try {
      return readFileSync(this.root + path, 'utf8');
    } catch {
      return undefined;
    }
  }

  /** As `once`, on another thread: for a file whose driver may take its time. */
  async later(path: string): Promise<string | undefined> {
    return readFile(this.root + path, 'utf8').catch(() => undefined);
  }

  /** A small file of bytes; undefined when it is not there or cannot be read. */
  bytes(path: string): Buffer | undefined {
    try {
      return readFileSync(this.root + path);
    } catch {
      return undefined;
    }
  }

  exists(path: string): boolean {
    return existsSync(this.root + path);
  }

  /** Epoch ms of the last change; undefined when it is not there. */
  changedAt(path: string): number | undefined {
    return statSync(this.root + path, { throwIfNoEntry: false })?.mtimeMs;
  }

  /** Number of the user to whom it belongs; undefined when it is not there. */
  ownerOf(path: string): number | undefined {
    return statSync(this.root + path, { throwIfNoEntry: false })?.uid;
  }

  /** Names in a directory, sorted; empty when there is none. */
  list(path: string): string[] {
    try {
      return readdirSync(this.root + path).sort();
    } catch {
      return [];
    }
  }

  /** Where a link points; undefined when it is none. */
  link(path: string): string | undefined {
    try {
      return readlinkSync(this.root + path);
    } catch {
      return undefined;
    }
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}
