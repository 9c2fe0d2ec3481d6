import { randomBytes } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { place } from './placed.ts';
import { Problem } from './problem.ts';
import { Turns } from './turns.ts';

const RESERVE_BYTES = 50e6;

export interface UploadParts {
  folder(): string;
  freeBytes(dir: string): Promise<number>;
  /** What is sent, in words: a backup, an update. */
  what: string;
  /** The largest that is taken; absent: as much as the disk has. */
  mostBytes?: number;
}

interface Upload {
  id: string;
  file: string;
  bytes: number;
}

/** Takes one file at a time, piece by piece, each on the disk before its answer: memory holds one piece, a lost answer costs none. */
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
      const { what, mostBytes = Infinity } = this.#parts;
      const upload = this.#need(id);
      if (offset > upload.bytes || offset + piece.length < upload.bytes)
        throw new Problem('invalid-request', `${upload.bytes} bytes are here: go on from there`);
      if (offset + piece.length > mostBytes) {
        await this.#drop();
        throw new Problem('too-large', `This file is larger than an ${what} can be`);
      }
      const free = await this.#parts.freeBytes(path.dirname(upload.file));
      if (free < piece.length + RESERVE_BYTES) {
        await this.#drop();
        throw new Problem('storage-unavailable', `The disk has no room for this ${what}: free some space first`);
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

  /** Where the file is that is sent now. */
  fileOf(id: string): string {
    return this.#need(id).file;
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
