// `node image/executables/pack.mjs [linux-x64|linux-arm64]`: the executables as an image carries them. Each is cut into chunks, and each
// chunk is packed by zstd with pieces of a file at hand that the machine has already: the Node that runs the appliance, or the executable
// before it. What they share (the data of ICU, the scripts of Node) is then there once, and unpacking needs the memory of one chunk.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../prepare.mjs';
import { buildExecutables } from './build.mjs';
import { outputOf, packWith } from './chunks.mjs';
import { strippedElf } from './elf.mjs';
import { bytesOf } from './parts.mjs';
import { PLATFORMS } from './platforms.mjs';

const KEPT = join(ROOT, 'dist/.packs');
const BUILT = join(ROOT, 'dist/executables');
/** What the licences of everything inside ask to be handed on. */
export const LICENCES = join(BUILT, 'LICENCES.txt');
/** What decides how packs come out. */
const RECIPE = ['alike.mjs', 'chunks.mjs'];

const sha256 = (...pieces) => pieces.reduce((hash, piece) => hash.update(piece), createHash('sha256')).digest('hex');
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Of each platform what it is packed with: the image's own is Node with a script inside; `node` is that Node. */
export function referencesOf(own) {
  const other = own === 'linux-x64' ? 'linux-arm64' : 'linux-x64';
  const rest = Object.keys(PLATFORMS).filter((platform) => platform !== own && platform !== other);
  return { [own]: 'node', [other]: own, ...Object.fromEntries(rest.map((platform) => [platform, 'linux-x64'])) };
}

const recordOf = (platform) => JSON.parse(readFileSync(join(BUILT, `${platform}.json`), 'utf8'));

async function executable(platform) {
  const bytes = await outputOf('xz', ['-dc', join(BUILT, `${platform}.xz`)]);
  if (sha256(bytes) !== recordOf(platform).sha256)
    throw new Error(`dist/executables/${platform}.xz is not what it was`);
  return bytes;
}

function isThere(files, known) {
  try {
    const record = JSON.parse(readFileSync(files.json, 'utf8'));
    const isSame = Object.entries(known).every(([name, value]) => record[name] === value);
    return isSame && sha256(readFileSync(files.pack)) === record.pack.sha256;
  } catch {
    return false;
  }
}

async function packOne(platform, { reference, own, made }) {
  const folder = join(KEPT, `${platform}-${reference === 'node' ? `node-${own}` : reference}`);
  const files = { json: join(folder, `${platform}.json`), pack: join(folder, `${platform}.pack`) };
  const { version, script, size, sha256: whole } = recordOf(platform);
  const node = () => strippedElf(bytesOf(PLATFORMS[own]));
  const of = reference === 'node' ? PLATFORMS[own].integrity : recordOf(reference).sha256;
  const known = { format: 1, platform, version, script, size, sha256: whole, reference, of, made };
  if (isThere(files, known)) return files;
  const startedAt = performance.now();
  const next = `${folder}.next-${process.pid}`;
  mkdirSync(next, { recursive: true });
  try {
    const base = reference === 'node' ? node() : await executable(reference);
    const { packed, about } = await packWith(base, await executable(platform), { folder: next });
    writeFileSync(join(next, `${platform}.pack`), packed);
    writeFileSync(join(next, `${platform}.json`), `${JSON.stringify({ ...known, ...about })}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(next, folder);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    process.stdout.write(`${platform.padEnd(14)}from ${reference}: ${megabytes(packed.length)} in ${seconds} s\n`);
    return files;
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

/**
 * Builds what is missing or old of `platforms` for an image whose Node is that of `own`; answers by platform the files `json` and `pack`. What one
 * is packed with has to be named too.
 */
export async function buildPacks(own, platforms = Object.keys(PLATFORMS)) {
  await buildExecutables(platforms);
  const dir = dirname(fileURLToPath(import.meta.url));
  const made = sha256(...RECIPE.map((name) => readFileSync(join(dir, name))));
  /** @type {Record<string, { json: string, pack: string }>} */
  const packs = {};
  const wanted = Object.entries(referencesOf(own)).filter(([platform]) => platforms.includes(platform));
  for (const [platform, reference] of wanted) packs[platform] = await packOne(platform, { reference, own, made });
  return packs;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildPacks(process.argv[2] ?? 'linux-x64').catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
