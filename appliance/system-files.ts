import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import {
  type ImageNetwork,
  type ImageState,
  type ImageUpdate,
  imageNetwork,
  imageState,
  imageUpdate,
} from '../protocol/machine.ts';

const MOST_BYTES = 64 * 1024;

/** What the system of an image tells its appliance, in files that root writes; read anew each time, because they change. */
export class SystemFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Undefined where the appliance is not an image. */
  image(): Promise<ImageState | undefined> {
    return this.#read('image.json', imageState);
  }

  async update(): Promise<ImageUpdate | undefined> {
    const update = await this.#read('update.json', imageUpdate);
    return update && { ...update, reason: update.reason && oneLine(update.reason) };
  }

  network(): Promise<ImageNetwork | undefined> {
    return this.#read('network.json', imageNetwork);
  }

  /** Undefined for what is missing, is larger than it can be, or is not what it should be: then it is as if it were not there. */
  async #read<S extends z.ZodType>(name: string, schema: S): Promise<z.output<S> | undefined> {
    const text = await readBounded(path.join(this.#dir, name), MOST_BYTES);
    if (text === undefined) return undefined;
    try {
      return schema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  }
}

/** The text of a plain file of at most so many bytes; undefined for anything else. */
export async function readBounded(file: string, mostBytes: number): Promise<string | undefined> {
  let handle: FileHandle | undefined;
  try {
    // A pipe in its place would never answer.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const { size } = await handle.stat();
    if (!(await handle.stat()).isFile() || size > mostBytes) return undefined;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostBytes + 1), 0, mostBytes + 1, 0);
    return bytesRead > mostBytes ? undefined : buffer.toString('utf8', 0, bytesRead);
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

/** Nothing that a terminal would take for a command. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
