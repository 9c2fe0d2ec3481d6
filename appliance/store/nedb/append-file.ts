import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Disk, makeDirectory, removeFile, syncDirectory } from '../disk.ts';
import { errnoOf, StorageError } from '../errors.ts';

/** Where a line lies in its file, in bytes; the line break is not counted. */
export interface Location {
  offset: number;
  length: number;
}

const CHECK_BYTES = 256 * 1024;

interface Opened {
  handle: FileHandle;
  bytes: number;
}

/** A text file that grows at its end. After a failed write it takes nothing more until it was replaced by a whole one. */
export class AppendFile {
  readonly file: string;
  readonly #disk: Disk;
  #handle: FileHandle;
  #bytes: number;
  #torn = false;

  private constructor(file: string, disk: Disk, opened: Opened) {
    this.file = file;
    this.#disk = disk;
    this.#handle = opened.handle;
    this.#bytes = opened.bytes;
  }

  /** Opens the file, or makes an empty one whose name is durable. */
  static async open(file: string, disk: Disk): Promise<AppendFile> {
    await makeDirectory(dirname(file));
    await removeFile(temporaryName(file));
    const handle = await openOrMake(file);
    return new AppendFile(file, disk, { handle, bytes: (await handle.stat()).size });
  }

  /**
   * Reads all of it, to see that it can be read; fails with `StorageError`. NeDB's own reader has no listener for an error of the
   * disk, which would end the process.
   */
  async checkReadable(): Promise<void> {
    const buffer = Buffer.allocUnsafe(CHECK_BYTES);
    try {
      for (let at = 0; at < this.#bytes; ) {
        const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) return;
        at += bytesRead;
      }
    } catch (error) {
      await this.close();
      throw new StorageError(`${this.file} cannot be read`, error);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** True when the file must be replaced before anything is added to it. */
  get torn(): boolean {
    return this.#torn;
  }

  markTorn(): void {
    this.#torn = true;
  }

  /** True when the last byte is a line break, or there is none. */
  async endsWhole(): Promise<boolean> {
    if (this.#bytes === 0) return true;
    const last = Buffer.alloc(1);
    await this.#handle.read(last, 0, 1, this.#bytes - 1);
    return last[0] === 0x0a;
  }

  /** Adds lines, durably when it resolves unless `sync` is false. Fails with `StorageError`; then nothing counts as written. */
  async append(lines: readonly string[], sync = true): Promise<Location[]> {
    if (this.#torn) throw new StorageError(`${this.file} cannot be written`, new Error('an earlier write failed'));
    const { locations, data, end } = layOut(lines, this.#bytes);
    try {
      await this.#disk.write(this.#handle, data, this.#bytes);
      if (sync) await this.#disk.sync(this.#handle);
    } catch (error) {
      await this.#giveUp();
      throw new StorageError(`${this.file} cannot be written`, error);
    }
    this.#bytes = end;
    return locations;
  }

  async sync(): Promise<void> {
    try {
      await this.#disk.sync(this.#handle);
    } catch (error) {
      await this.#giveUp();
      throw new StorageError(`${this.file} cannot be written`, error);
    }
  }

  /** Puts a new file with these lines in place of the old one: temporary file, sync, rename, sync of the directory. */
  async replace(batches: Iterable<readonly string[]>): Promise<void> {
    const temporary = temporaryName(this.file);
    const fresh = await this.#writeWhole(temporary, batches);
    try {
      await rename(temporary, this.file);
      await syncDirectory(dirname(this.file));
    } catch (error) {
      await fresh.handle.close();
      throw new StorageError(`${this.file} cannot be replaced`, error);
    }
    await this.#handle.close();
    this.#handle = fresh.handle;
    this.#bytes = fresh.bytes;
    this.#torn = false;
  }

  async #writeWhole(file: string, batches: Iterable<readonly string[]>): Promise<Opened> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(file, 'w+', 0o600);
      let bytes = 0;
      for (const lines of batches) {
        const { data, end } = layOut(lines, bytes);
        await this.#disk.write(handle, data, bytes);
        bytes = end;
      }
      await this.#disk.sync(handle);
      return { handle, bytes };
    } catch (error) {
      await handle?.close();
      await removeFile(file).catch(() => undefined);
      throw new StorageError(`${this.file} cannot be replaced`, error);
    }
  }

  /** What was half written is cut off where the disk allows; in any case nothing is ever added behind it. */
  async #giveUp(): Promise<void> {
    this.#torn = true;
    await this.#handle.truncate(this.#bytes).catch(() => undefined);
  }

  /** May be called again. */
  async close(): Promise<void> {
    this.#torn = true;
    if (this.#handle.fd !== -1) await this.#handle.close();
  }
}

const temporaryName = (file: string): string => `${file}.new`;

async function openOrMake(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r+');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  const handle = await open(file, 'wx+', 0o600);
  await syncDirectory(dirname(file));
  return handle;
}

function layOut(lines: readonly string[], from: number): { locations: Location[]; data: Buffer; end: number } {
  const locations: Location[] = [];
  const data = Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
  let end = from;
  for (const line of lines) {
    const length = Buffer.byteLength(line);
    locations.push({ offset: end, length });
    end += length + 1;
  }
  return { locations, data, end };
}
