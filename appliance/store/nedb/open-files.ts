import { type FileHandle, open } from 'node:fs/promises';

interface Entry {
  opening: Promise<FileHandle>;
  readers: number;
  doomed: boolean;
}

/** Files that stay open for reading between queries; those not used for longest are closed first. */
export class OpenFiles {
  readonly #most: number;
  readonly #entries = new Map<string, Entry>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Reads `length` bytes from `offset`; fewer when the file ends early. */
  async read(file: string, offset: number, length: number): Promise<Buffer> {
    const entry = this.#take(file);
    try {
      const handle = await entry.opening;
      const data = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(data, 0, length, offset);
      return data.subarray(0, bytesRead);
    } finally {
      entry.readers -= 1;
      if (entry.doomed && entry.readers === 0) await shut(entry);
    }
  }

  /** To be called before the file is removed or replaced. */
  async forget(file: string): Promise<void> {
    const entry = this.#entries.get(file);
    this.#entries.delete(file);
    if (entry) await this.#doom(entry);
  }

  async close(): Promise<void> {
    for (const file of [...this.#entries.keys()]) await this.forget(file);
  }

  #take(file: string): Entry {
    const entry = this.#entries.get(file) ?? { opening: open(file, 'r'), readers: 0, doomed: false };
    entry.readers += 1;
    this.#entries.delete(file);
    this.#entries.set(file, entry);
    entry.opening.catch(() => this.#entries.delete(file));
    this.#makeRoom();
    return entry;
  }

  #makeRoom(): void {
    for (const [file, entry] of this.#entries) {
      if (this.#entries.size <= this.#most) return;
      if (entry.readers > 0) continue;
      this.#entries.delete(file);
      void this.#doom(entry);
    }
  }

  async #doom(entry: Entry): Promise<void> {
    entry.doomed = true;
    if (entry.readers === 0) await shut(entry);
  }
}

async function shut(entry: Entry): Promise<void> {
  const handle = await entry.opening.catch(() => undefined);
  if (handle && handle.fd !== -1) await handle.close();
}
