// Packs one file with another at hand: `image/executables/pack.mjs` says why. What is written here is read by appliance/agents/packs.ts.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alike, indexOf } from './alike.mjs';

/** Bytes. A chunk and its pieces are in memory at once where it is unpacked: a Pi Zero has 512 MB for everything. */
const SIZES = { chunk: 8 * 1024 ** 2, piece: 256 * 1024, pieces: 64 };

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Runs a program to its end and answers what it wrote. */
export function outputOf(program, words) {
  return new Promise((done, failed) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const wrote = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (piece) => wrote[name].push(piece));
    child.on('error', () => failed(new Error(`${program} is needed to pack executables: install it`)));
    child.on('close', (code) =>
      code === 0
        ? done(Buffer.concat(wrote.stdout))
        : failed(new Error(`${program} failed: ${Buffer.concat(wrote.stderr)}`)),
    );
  });
}

/** One chunk, packed and unpacked again to see that it comes out as it was. */
async function packChunk(chunk, pieces, { folder, level }) {
  const place = mkdtempSync(join(folder, 'chunk-'));
  const file = (name) => join(place, name);
  writeFileSync(file('chunk'), chunk);
  writeFileSync(file('pieces'), pieces);
  const from = pieces.length > 0 ? [`--patch-from=${file('pieces')}`] : [];
  try {
    await outputOf('zstd', ['-q', '--ultra', `-${level}`, ...from, file('chunk'), '-o', file('packed')]);
    const again = await outputOf('zstd', ['-q', '-d', '-c', ...from, file('packed')]);
    if (!again.equals(chunk)) throw new Error('zstd does not unpack what it packed');
    return readFileSync(file('packed'));
  } finally {
    rmSync(place, { recursive: true });
  }
}

/**
 * Packs `bytes` with `reference` at hand; answers the packed bytes and what a record says of them. `sizes` (bytes of a chunk and of a piece,
 * most pieces) and `level` are for tests.
 */
export async function packWith(reference, bytes, { folder, sizes = SIZES, level = 22, together = 2 }) {
  const index = indexOf(reference);
  const starts = Array.from({ length: Math.ceil(bytes.length / sizes.chunk) }, (_, n) => n * sizes.chunk);
  const made = new Array(starts.length);
  const work = async () => {
    for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
      const chunk = bytes.subarray(start, start + sizes.chunk);
      const pieces = alike(index, chunk, { size: sizes.piece, most: sizes.pieces });
      const at = pieces.map((piece) => reference.subarray(piece * sizes.piece, (piece + 1) * sizes.piece));
      made[start / sizes.chunk] = { pieces, packed: await packChunk(chunk, Buffer.concat(at), { folder, level }) };
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  const packed = Buffer.concat(made.map((each) => each.packed));
  const chunks = made.map((each) => ({ bytes: each.packed.length, pieces: each.pieces }));
  return {
    packed,
    about: {
      pack: { size: packed.length, sha256: sha256(packed) },
      chunkSize: sizes.chunk,
      pieceSize: sizes.piece,
      chunks,
    },
  };
}
