import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as zlib from 'node:zlib';
import type { Unzstd } from '../../appliance/unzstd.ts';
import { packWith } from '../../image/executables/chunks.mjs';
import { makeDirectory } from './directories.ts';

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
/** So small that executables of a test have several chunks and pieces. */
const SIZES = { chunk: 32 * 1024, piece: 4 * 1024, pieces: 16 };

interface Packed {
  /** Folder of a build that holds the agent. */
  distDir: string;
  platform: string;
  bytes: Buffer;
  /** What it is packed with, and its bytes. */
  reference: { name: string; bytes: Buffer };
  /** Written into its record in place of what is so. */
  record?: object;
}

/** Packs an executable into `packs` of a build folder, as the build of an image does; answers its two files. */
export async function addPack({ distDir, platform, bytes, reference, record = {} }: Packed) {
  const dir = path.join(distDir, 'packs');
  mkdirSync(dir, { recursive: true });
  const options = { folder: makeDirectory(), sizes: SIZES, level: 19 };
  const { packed, about } = await packWith(reference.bytes, bytes, options);
  const script = sha256(readFileSync(path.join(distDir, 'agent/agent.cjs')));
  const known = { format: 1, platform, version: '1.2.3', script, size: bytes.length, sha256: sha256(bytes) };
  const files = { json: path.join(dir, `${platform}.json`), pack: path.join(dir, `${platform}.pack`) };
  writeFileSync(files.json, JSON.stringify({ ...known, reference: reference.name, ...about, ...record }));
  writeFileSync(files.pack, packed);
  return files;
}

/** The program zstd in place of what Node 20 has not. */
const byProgram: Unzstd = async (packed, dictionary, most) => {
  const dir = makeDirectory();
  const [from, file] = [path.join(dir, 'pieces'), path.join(dir, 'packed')];
  writeFileSync(from, dictionary);
  writeFileSync(file, packed);
  const words = dictionary.length > 0 ? [`--patch-from=${from}`] : [];
  const { status, stdout } = spawnSync('zstd', ['-q', '-d', '-c', ...words, file]);
  if (status !== 0 || stdout.length > most) throw new Error('zstd does not unpack it');
  return stdout;
};

/** How packs are unpacked by the Node that runs the tests: by itself where it can. */
export const unzstd: { unzstd?: Unzstd } = 'zstdDecompress' in zlib ? {} : { unzstd: byProgram };
