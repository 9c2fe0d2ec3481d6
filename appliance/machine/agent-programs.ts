import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bundleManifest } from '../../protocol/machine.ts';
import { place, syncFolder } from '../placed.ts';
import { Problem } from '../problem.ts';
import { readBounded } from '../system-files.ts';
import { Turns } from '../turns.ts';
import { BLOCK, BundleError, type BundleHead, isSigned, memberHead, sizeOf } from './bundle.ts';

const MANIFEST = 'manifest.json';
const SIGNATURE = 'manifest.sig';
const MOST_BYTES = 64 * 1024;
const RESERVE_BYTES = 50e6;

export interface AgentProgramsParts {
  /** Where they lie, beside what was signed of them. */
  dir: string;
  /** File with the key that the image trusts, PEM. */
  keyFile: string;
  freeBytes(dir: string): Promise<number>;
}

/** Executables of the agent that were brought to an appliance whose image has no room for them, as one signed bundle. */
export class AgentPrograms {
  readonly dir: string;
  readonly #parts: AgentProgramsParts;
  readonly #turns = new Turns();
  #brought: () => Promise<void> = async () => undefined;

  constructor(parts: AgentProgramsParts) {
    this.#parts = parts;
    this.dir = parts.dir;
  }

  /** Called each time that other ones lie there. */
  onBrought(look: () => Promise<void>): void {
    this.#brought = look;
  }

  /** By the name of a file: the SHA-256 that was signed for it; of nothing where the signature is not that of the image's maker. */
  async signed(): Promise<(name: string) => string | undefined> {
    const [key, manifest, signature] = await Promise.all(
      [this.#parts.keyFile, path.join(this.dir, MANIFEST), path.join(this.dir, SIGNATURE)].map((file) =>
        readBounded(file, MOST_BYTES),
      ),
    );
    if (key === undefined || manifest === undefined || signature === undefined) return () => undefined;
    if (!isSigned(Buffer.from(manifest), Buffer.from(signature.trim(), 'base64'), key)) return () => undefined;
    const files = bundleManifest.safeParse(JSON.parse(manifest)).data?.files ?? {};
    return (name) => files[name]?.sha256;
  }

  /** Clears what a stop in the middle of `install` has left: those that lay there before come back where no others are yet. */
  async recover(): Promise<void> {
    await rm(this.#next, { recursive: true, force: true });
    if (!existsSync(this.dir) && existsSync(this.#former)) await rename(this.#former, this.dir);
    await rm(this.#former, { recursive: true, force: true });
  }

  /**
   * Takes the files of a bundle whose head was judged, in place of those that lie there: only when each is what was signed. Fails with
   * `BundleError`, and then those that were there stay. Of two bundles one waits for the other.
   */
  install(file: string, head: BundleHead): Promise<void> {
    return this.#turns.run(async () => {
      await this.recover();
      try {
        await this.#unpack(file, head);
        if (existsSync(this.dir)) await rename(this.dir, this.#former);
        await place(this.#next, this.dir);
      } finally {
        await this.recover();
      }
      await this.#brought();
    });
  }

  async #unpack(file: string, head: BundleHead): Promise<void> {
    const next = this.#next;
    await mkdir(next, { recursive: true, mode: 0o700 });
    if ((await this.#parts.freeBytes(next)) < sizeOf(head.manifest) + RESERVE_BYTES)
      throw new Problem('storage-unavailable', 'The disk has no room for these executables: free some space first');
    await unpack(file, head, next);
    await writeFile(path.join(next, MANIFEST), head.bytes, { flush: true });
    // As text, because what is read back is.
    await writeFile(path.join(next, SIGNATURE), `${head.signature.toString('base64')}\n`, { flush: true });
    await syncFolder(next);
  }

  get #next(): string {
    return `${this.dir}.next`;
  }

  get #former(): string {
    return `${this.dir}.former`;
  }
}

/** Writes each file of the manifest into `to`; a member that is not in it, or one that is not there, is refused. */
async function unpack(file: string, { manifest, bytes, signature }: BundleHead, to: string): Promise<void> {
  const missing = new Map(Object.entries(manifest.files));
  const handle = await open(file, 'r');
  try {
    let at = [bytes, signature].reduce((sum, { length }) => sum + BLOCK + Math.ceil(length / BLOCK) * BLOCK, 0);
    while (missing.size > 0) {
      const { called, size, taken } = await headAt(handle, at);
      const wanted = missing.get(called);
      if (wanted?.bytes !== size) throw new BundleError(`${called} is not what was signed: get the file again`);
      if ((await copy(file, { from: at + BLOCK, size }, path.join(to, called))) !== wanted.sha256)
        throw new BundleError(`${called} is not what was signed: get the file again`);
      missing.delete(called);
      at += BLOCK + taken;
    }
  } finally {
    await handle.close();
  }
}

async function headAt(handle: FileHandle, at: number) {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(BLOCK), 0, BLOCK, at);
  if (bytesRead < BLOCK) throw new BundleError('This update is cut short: send it again');
  return memberHead(buffer.subarray(0, bytesRead));
}

/** Copies a piece of a file and answers the SHA-256 of what was copied, in hex. */
async function copy(file: string, { from, size }: { from: number; size: number }, to: string): Promise<string> {
  const hash = createHash('sha256');
  if (size === 0) throw new BundleError('A file in this bundle is empty: get it again');
  const heard = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      done(null, piece);
    },
  });
  const read = createReadStream(file, { start: from, end: from + size - 1 });
  await pipeline(read, heard, createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true }));
  return hash.digest('hex');
}
