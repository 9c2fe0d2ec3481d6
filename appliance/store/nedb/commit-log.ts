import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inOrder } from '../../in-order.ts';
import { type Disk, makeDirectory, removeFile } from '../disk.ts';
import { type Damage, errnoOf, StorageError } from '../errors.ts';
import type { Commit, CommitLog } from '../history-engine.ts';
import type { StoreLog } from '../store-log.ts';
import { DurableFile } from './durable.ts';
import type { Stored } from './inside.ts';

export interface NedbFiles {
  dir: string;
  quarantine: string;
  log: StoreLog;
  now: () => number;
  disk: Disk;
  onDamage: (damage: Damage) => void;
}

interface Segment {
  file: string;
  bytes: number;
  last: number;
}

const NAME = /^(\d{8})\.db$/;
const idOf = (number: number): string => number.toString().padStart(12, '0');

/** Commits as documents of NeDB files `00000001.db`, `00000002.db` …; a new file after each start, rotation and failure. */
export class NedbCommitLog implements CommitLog {
  readonly #files: NedbFiles;
  #segments: Segment[] = [];
  #next = 1;
  #open: DurableFile | undefined;

  private constructor(files: NedbFiles) {
    this.#files = files;
  }

  static async open(files: NedbFiles): Promise<NedbCommitLog> {
    const log = new NedbCommitLog(files);
    await makeDirectory(files.dir);
    const names = (await readdir(files.dir)).filter((name) => NAME.test(name)).sort();
    log.#segments = names.map((name) => ({ file: join(files.dir, name), bytes: 0, last: 0 }));
    log.#next = Number(NAME.exec(names.at(-1) ?? '')?.[1] ?? 0) + 1;
    return log;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async *replay(): AsyncIterable<Commit> {
    let last = 0;
    for (const segment of this.#segments) {
      for (const commit of await this.#load(segment)) {
        segment.last = Math.max(segment.last, commit.number);
        if (commit.number <= last) continue;
        if (last > 0 && commit.number > last + 1) this.#reportHole(segment, last + 1, commit.number - 1);
        last = commit.number;
        yield commit;
      }
    }
  }

  async append({ number, payload }: Commit): Promise<void> {
    const file = await this.#current();
    try {
      await file.insert([{ _id: idOf(number), b: Buffer.from(payload).toString('base64') }]);
    } catch (error) {
      await this.rotate();
      throw error;
    }
    const segment = this.#segments.at(-1);
    if (segment) Object.assign(segment, { bytes: file.bytes, last: number });
  }

  async rotate(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.close();
  }

  async dropThrough(number: number): Promise<void> {
    const current = this.#open?.file;
    const dropped = this.#segments.filter(({ file, last }) => file !== current && last <= number);
    for (const { file } of dropped) await removeFile(file);
    this.#segments = this.#segments.filter((segment) => !dropped.includes(segment));
  }

  async #current(): Promise<DurableFile> {
    if (this.#open) return this.#open;
    const file = join(this.#files.dir, `${this.#next.toString().padStart(8, '0')}.db`);
    const opened = await this.#openFile(file);
    this.#next += 1;
    this.#segments.push({ file, bytes: 0, last: 0 });
    this.#open = opened;
    return opened;
  }

  #openFile(file: string): Promise<DurableFile> {
    const { quarantine, log, now, disk } = this.#files;
    return DurableFile.open({ file, quarantine, log, now, disk });
  }

  /** A segment that the disk does not give out is named and stays where it is; the rest is replayed. */
  async #load(segment: Segment): Promise<Commit[]> {
    try {
      return await this.#read(segment);
    } catch (error) {
      const { message } = error instanceof StorageError ? error : new StorageError('It cannot be read', error);
      if (errnoOf(error) === '' && !(error instanceof StorageError)) throw error;
      segment.last = Number.POSITIVE_INFINITY;
      this.#files.onDamage({ file: segment.file, reason: message });
      this.#files.log.error({ err: error, file: segment.file }, 'A part of the history log cannot be read');
      return [];
    }
  }

  async #read(segment: Segment): Promise<Commit[]> {
    const file = await this.#openFile(segment.file);
    for (const damage of file.damage) this.#files.onDamage(damage);
    segment.bytes = file.bytes;
    const commits = (await file.all()).map(toCommit).filter((commit) => commit !== undefined);
    await file.close();
    return inOrder(commits, ({ number }) => number);
  }

  #reportHole(segment: Segment, from: number, to: number): void {
    const reason = `commits ${from} to ${to} are missing before ${basename(segment.file)}`;
    this.#files.onDamage({ file: segment.file, reason });
    this.#files.log.error({ file: segment.file, from, to }, 'Commits of the history log are missing');
  }
}

function toCommit({ _id, b }: Stored): Commit | undefined {
  const number = Number(_id);
  if (!Number.isSafeInteger(number) || typeof b !== 'string') return undefined;
  return { number, payload: Buffer.from(b, 'base64') };
}
