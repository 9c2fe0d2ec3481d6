import { randomBytes } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from '../problem.ts';
import { Turns } from '../turns.ts';
import { place } from './file.ts';

const RESERVE_BYTES = 50e6;

export interface UploadParts {
  folder(): string;
  freeBytes(dir: string): Promise<number>;
}

interface Upload {
  id: string;
  file: string;
  bytes: number;
}

/** Takes one backup file at a time, piece by piece, each on the disk before its answer: memory holds one piece, a lost answer costs none. */
export class Uploads {
  readonly #parts: UploadParts;
  readonly #turns = new Turns();
  #open: Upload | undefined;

  constructor(parts: UploadParts) {
    this.#parts = parts;
  }

  /** Answers with an id of 128 random bits; who has it may send the pieces. */
  begin(): Promise<string> {
    return this.#turns.run(async () => {
      await this.#drop();
      const id = randomBytes(16).toString('base64url');
      const folder = this.#parts.folder();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      this.#open = { id, file: path.join(folder, 'upload.part'), bytes: 0 };
      await rm(this.#open.file, { force: true });
      return id;
    });
  }

  /** Adds a piece; one that was taken before is not taken again. Answers with the bytes that are there. */
  add(id: string, { offset, piece }: { offset: number; piece: Uint8Array }): Promise<number> {
    return this.#turns.run(async () => {
      const upload = this.#need(id);
      if (offset > upload.bytes || offset + piece.length < upload.bytes)
        throw new Problem('invalid-request', `${upload.bytes} bytes are here: go on from there`);
      const free = await this.#parts.freeBytes(path.dirname(upload.file));
      if (free < piece.length + RESERVE_BYTES) {
        await this.#drop();
        throw new Problem('storage-unavailable', 'The disk has no room for this backup: free some space first');
      }
      const handle = await open(upload.file, 'a+', 0o600);
      try {
        await handle.truncate(offset);
        await handle.writeFile(piece);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      upload.bytes = offset + piece.length;
      return upload.bytes;
    });
  }

  /** Gives the whole file its name. */
  finish(id: string, to: string): Promise<void> {
    return this.#turns.run(async () => {
      await place(this.#need(id).file, to);
      this.#open = undefined;
    });
  }

  /** Drops what was not finished. */
  drop(): Promise<void> {
    return this.#turns.run(() => this.#drop());
  }

  async #drop(): Promise<void> {
    if (this.#open) await rm(this.#open.file, { force: true });
    this.#open = undefined;
  }

  #need(id: string): Upload {
    if (this.#open?.id !== id) throw new Problem('not-found', 'There is no such upload: begin anew');
    return this.#open;
  }
}
