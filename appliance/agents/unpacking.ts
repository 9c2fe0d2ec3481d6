import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { place } from '../placed.ts';
import type { Unzstd } from '../unzstd.ts';
import { type Pack, unpacked } from './packs.ts';

const RESERVE_BYTES = 100e6;

export interface UnpackingParts {
  /** Where they are kept as they are handed out; beside it `.work` is used meanwhile. */
  dir: string;
  freeBytes(dir: string): Promise<number>;
  /** Called each time that one more is there. */
  onReady(): Promise<void>;
  /** The file of the Node that runs the appliance; tests give another. */
  node?: string;
  unzstd?: Unzstd;
}

/**
 * Packed executables as they are handed out: each is unpacked once, packed for gzip, and kept with a record as the build writes them, of what is
 * signed. gzip makes other bytes on other machines, so their hash is said by this appliance; that of what runs was signed.
 */
export class Unpacking {
  readonly #parts: UnpackingParts;
  readonly #node: string;

  constructor(parts: UnpackingParts) {
    this.#parts = parts;
    this.#node = parts.node ?? process.execPath;
  }

  /** Makes what is missing and forgets what is of no pack any more; answers why some could not be made. Ends early, without an error, by `signal`. */
  async make(packs: readonly Pack[], signal: AbortSignal): Promise<{ platform: string; reason: string }[]> {
    const { dir, onReady } = this.#parts;
    await rm(this.#work, { recursive: true, force: true });
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const ready = await this.#ready(packs, signal);
    if (signal.aborted) return [];
    await this.#forgetAllBut(ready);
    const failed: { platform: string; reason: string }[] = [];
    try {
      for (const pack of packs) {
        if (ready.has(pack.platform)) continue;
        try {
          await this.#makeOne(pack, packs, signal);
          await onReady();
        } catch (error) {
          if (signal.aborted) break;
          failed.push({ platform: pack.platform, reason: error instanceof Error ? error.message : String(error) });
        }
      }
    } finally {
      await rm(this.#work, { recursive: true, force: true });
    }
    return failed;
  }

  get #work(): string {
    return `${this.#parts.dir}.work`;
  }

  /** Platforms whose executable lies there as it was made. All of it is read: a card may have lost what it held for years. */
  async #ready(packs: readonly Pack[], signal: AbortSignal): Promise<Set<string>> {
    const ready = new Set<string>();
    for (const pack of packs) if (await this.#isReady(pack, signal)) ready.add(pack.platform);
    return ready;
  }

  async #forgetAllBut(ready: ReadonlySet<string>): Promise<void> {
    const { dir } = this.#parts;
    for (const name of await readdir(dir))
      if (!ready.has(path.parse(name).name)) await rm(path.join(dir, name), { recursive: true, force: true });
  }

  async #isReady({ platform, sha256, version }: Pack, signal: AbortSignal): Promise<boolean> {
    const { dir } = this.#parts;
    try {
      const record = JSON.parse(await readFile(path.join(dir, `${platform}.json`), 'utf8'));
      if (record.sha256 !== sha256 || record.version !== version) return false;
      const hash = createHash('sha256');
      await pipeline(createReadStream(path.join(dir, `${platform}.gz`)), hash, { signal });
      return hash.digest('hex') === record.files.gz.sha256;
    } catch {
      return false;
    }
  }

  async #makeOne(pack: Pack, packs: readonly Pack[], signal: AbortSignal): Promise<void> {
    const { dir, freeBytes, unzstd } = this.#parts;
    const { platform, version, script, size, sha256 } = pack;
    if ((await freeBytes(dir)) < 2 * size + RESERVE_BYTES)
      throw new Error('the disk has no room to unpack it: free some space, and start the appliance again');
    await mkdir(this.#work, { recursive: true, mode: 0o700 });
    const reference = await this.#reference(pack, packs, signal);
    const [raw, gz] = [counted(), counted()];
    const file = path.join(this.#work, `${platform}.gz`);
    const written = createWriteStream(file, { mode: 0o600, flush: true });
    const pieces = unpacked(pack, reference, unzstd);
    await pipeline(pieces, raw.step, createGzip(), gz.step, written, { signal });
    if (raw.sha256() !== sha256) throw new Error('it does not come out as it was signed: install this version again');
    const files = { gz: { size: gz.bytes(), sha256: gz.sha256() } };
    await place(file, path.join(dir, `${platform}.gz`));
    const told = path.join(this.#work, `${platform}.json`);
    await writeFile(told, `${JSON.stringify({ platform, version, script, size, sha256, files })}\n`, { flush: true });
    await place(told, path.join(dir, `${platform}.json`));
  }

  /** File of what a pack was packed with; that of another platform is unpacked beside, and kept until all are made. */
  async #reference({ reference }: Pack, packs: readonly Pack[], signal: AbortSignal): Promise<string> {
    if (reference === 'node') return this.#node;
    const file = path.join(this.#work, reference);
    if (await stat(file).catch(() => undefined)) return file;
    const from = packs.find(({ platform }) => platform === reference);
    if (!from) throw new Error(`it was packed with the executable for ${reference}, which is not there`);
    const base = await this.#reference(
      from,
      packs.filter((each) => each !== from),
      signal,
    );
    const half = `${file}.half`;
    await pipeline(unpacked(from, base, this.#parts.unzstd), createWriteStream(half, { mode: 0o600 }), { signal });
    await place(half, file);
    return file;
  }
}

/** Passes on what comes, and knows its bytes and SHA-256 in the end. */
function counted() {
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  const step = new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      hash.update(piece);
      done(null, piece);
    },
  });
  return { step, bytes: () => bytes, sha256: () => hash.digest('hex') };
}
