import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Unzstd, unzstd } from '../unzstd.ts';

const MEBIBYTE = 1024 ** 2;
const sum = z.string().regex(/^[0-9a-f]{64}$/);
const platformName = z.string().regex(/^[a-z0-9]+-[a-z0-9]+$/);

/** `<platform>.json` of a packed executable, as `image/executables/pack.mjs` writes it. What it may ask of memory is bounded. */
const packRecord = z.object({
  format: z.literal(1),
  platform: platformName,
  version: z.string().min(1).max(40),
  /** SHA-256 of the script that is inside. */
  script: sum,
  /** Of what runs, unpacked. */
  size: z
    .int()
    .positive()
    .max(1024 * MEBIBYTE),
  sha256: sum,
  /** What it was packed with: the Node that runs the appliance, or the executable of another platform. */
  reference: z.union([z.literal('node'), platformName]),
  pack: z.object({ size: z.int().positive(), sha256: sum }),
  chunkSize: z
    .int()
    .positive()
    .max(16 * MEBIBYTE),
  pieceSize: z.int().positive().max(MEBIBYTE),
  /** In order: packed bytes, and the numbers of the pieces of the reference that have to be at hand. */
  chunks: z
    .array(
      z.object({
        bytes: z
          .int()
          .positive()
          .max(17 * MEBIBYTE),
        pieces: z.array(z.int().min(0).max(1_000_000)).max(64),
      }),
    )
    .min(1)
    .max(4096),
});
export type PackRecord = z.infer<typeof packRecord>;

/** A packed executable. */
export interface Pack extends PackRecord {
  file: string;
}

/** A folder of packed executables; where only signed ones are taken, the SHA-256 that was signed for a file in it. */
export interface PackPlace {
  dir: string;
  signed?: (name: string) => string | undefined;
}

export interface Packs {
  packs: readonly Pack[];
  leftOut: readonly { platform: string; reason: string }[];
}

/** Reads what lies packed in these folders and carries that script; of one platform the first counts. Their bytes are not read. */
export async function packsIn(places: readonly PackPlace[], script: string): Promise<Packs> {
  const packs: Pack[] = [];
  const leftOut: { platform: string; reason: string }[] = [];
  for (const place of places) {
    const names = (await readdir(place.dir).catch(() => [])).filter((name) => RECORD.test(name)).sort();
    for (const platform of names.map((name) => path.basename(name, '.json'))) {
      if (packs.some((known) => known.platform === platform)) continue;
      try {
        packs.push(await packIn(place, platform, script));
      } catch (error) {
        leftOut.push({ platform, reason: error instanceof Error ? error.message : String(error) });
      }
    }
  }
  return { packs, leftOut };
}

const RECORD = /^(?!manifest\.).+\.json$/;

async function packIn({ dir, signed }: PackPlace, platform: string, script: string): Promise<Pack> {
  const bytes = await readFile(path.join(dir, `${platform}.json`));
  if (signed && signed(`${platform}.json`) !== createHash('sha256').update(bytes).digest('hex'))
    throw new Error('who made this image did not sign it: bring the bundle of executables by Update from a file');
  const record = packRecord.safeParse(JSON.parse(bytes.toString('utf8')));
  if (!record.success || record.data.platform !== platform)
    throw new Error('its record is not one of this form: bring the bundle of executables by Update from a file');
  if (record.data.script !== script) throw new Error('it is of another version of the agent: bring the one of this');
  const file = path.join(dir, `${platform}.pack`);
  if ((await stat(file)).size !== record.data.pack.size) throw new Error(`${platform}.pack is not whole`);
  return { ...record.data, file };
}

/**
 * The executable in a pack, piece by piece, with one chunk of it and the pieces for that in memory. `reference`: the file that it was packed with.
 * It has as many bytes as the record says or this fails; whether they are the right ones, its SHA-256 says.
 */
export async function* unpacked(pack: Pack, reference: string, by: Unzstd = unzstd): AsyncGenerator<Buffer> {
  const packed = await open(pack.file, 'r');
  let base: FileHandle | undefined;
  try {
    base = await open(reference, 'r');
    const room = roomFor(pack);
    let at = 0;
    for (const [n, { bytes, pieces }] of pack.chunks.entries()) {
      const size = Math.min(pack.chunkSize, pack.size - n * pack.chunkSize);
      if (size <= 0) throw new Error('it has another size than its record says');
      const dictionary = await piecesOf(base, pieces, { size: pack.pieceSize, into: room.pieces });
      const chunk = await exactly(packed, at, room.packed.subarray(0, bytes));
      yield* slices(await chunkOf(by(chunk, dictionary, size), size));
      at += bytes;
    }
    if (pack.chunks.length * pack.chunkSize < pack.size) throw new Error('it ends too early');
  } finally {
    await Promise.all([packed.close(), base?.close()]);
  }
}

async function chunkOf(unpacking: Promise<Buffer>, size: number): Promise<Buffer> {
  const chunk = await unpacking.catch((cause) => {
    throw new Error('it is damaged, or was packed with another file', { cause });
  });
  if (chunk.length !== size) throw new Error('it has another size than its record says');
  return chunk;
}

const SLICE = 64 * 1024;

/** Small ones: whoever hashes them leaves time for others between. */
function* slices(chunk: Buffer): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += SLICE) yield chunk.subarray(at, at + SLICE);
}

/** Used for each chunk again: the memory of so large ones is free again only long after they were used. */
const roomFor = ({ chunks, pieceSize }: Pack) => ({
  packed: Buffer.alloc(Math.max(...chunks.map(({ bytes }) => bytes))),
  pieces: Buffer.alloc(Math.max(...chunks.map(({ pieces }) => pieces.length)) * pieceSize),
});

async function piecesOf(base: FileHandle, pieces: readonly number[], { size, into }: { size: number; into: Buffer }) {
  let length = 0;
  for (const piece of pieces) length += (await base.read(into, length, size, piece * size)).bytesRead;
  return into.subarray(0, length);
}

async function exactly(file: FileHandle, at: number, into: Buffer): Promise<Buffer> {
  if ((await file.read(into, 0, into.length, at)).bytesRead < into.length) throw new Error('it is cut short');
  return into;
}
