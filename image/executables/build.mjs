// `npm run build:executables [-- PLATFORM …]`: dist/executables/<platform>.{xz,gz,json}, out of the agent as it is built, for all platforms
// or those that are named. What is there and of the same agent is left. The appliance hands out what it finds there when it starts.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { alone, ensureBuilt, ROOT } from '../prepare.mjs';
import { licenceOfNode, makeBlob, makeExecutable } from './make.mjs';
import { MOST_BYTES, PLATFORMS } from './platforms.mjs';

const AGENT = join(ROOT, 'dist/agent');
const TARGET = join(ROOT, 'dist/executables');
const RECIPE = ['build.mjs', 'elf.mjs', 'macho.mjs', 'make.mjs', 'pe.mjs', 'platforms.mjs'];

const sha256 = (...pieces) => pieces.reduce((hash, piece) => hash.update(piece), createHash('sha256')).digest('hex');
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const say = (text) => process.stdout.write(`${text}\n`);

/** What an executable depends on beside its script. */
function recipe() {
  const dir = dirname(fileURLToPath(import.meta.url));
  return sha256(
    ...[...RECIPE.map((name) => join(dir, name)), join(ROOT, 'protocol/agent-flags.ts')].map((file) =>
      readFileSync(file),
    ),
  );
}

/** Says whether that executable is there, whole, and made of this. */
function isThere(platform, { script, made }) {
  try {
    const record = JSON.parse(readFileSync(join(TARGET, `${platform}.json`), 'utf8'));
    const isWhole = ['gz', 'xz'].every(
      (packing) => statSync(join(TARGET, `${platform}.${packing}`)).size === record.files[packing].size,
    );
    return isWhole && record.script === script && record.made === made;
  } catch {
    return false;
  }
}

/** Two packed forms: gzip unpacks on every machine, xz makes a quarter less to fetch. */
async function pack(file, filter) {
  const xz = spawn('xz', ['--threads=0', ...filter, '--lzma2=preset=6', '--keep', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((done, failed) => {
    let said = '';
    xz.stderr.on('data', (piece) => {
      said += piece;
    });
    xz.on('error', () => failed(new Error('xz is needed to pack executables: install xz-utils')));
    xz.on('close', (code) => (code === 0 ? done() : failed(new Error(`xz failed: ${said}`))));
  });
  await Promise.all([ended, pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.gz`))]);
}

async function makeOne(platform, { blob, folder, known }) {
  const startedAt = performance.now();
  const file = join(folder, platform);
  await makeExecutable(platform, blob, { folder, file });
  await pack(file, PLATFORMS[platform].filter);
  const measure = (path) => ({ size: statSync(path).size, sha256: sha256(readFileSync(path)) });
  const files = { gz: measure(`${file}.gz`), xz: measure(`${file}.xz`) };
  if (files.xz.size > MOST_BYTES)
    throw new Error(`${platform} has ${megabytes(files.xz.size)}, and ${megabytes(MOST_BYTES)} is the most`);
  const record = { platform, ...known, node: PLATFORMS[platform].part, ...measure(file), files };
  mkdirSync(TARGET, { recursive: true });
  rmSync(join(TARGET, `${platform}.json`), { force: true });
  for (const packing of ['gz', 'xz']) renameSync(`${file}.${packing}`, join(TARGET, `${platform}.${packing}`));
  writeFileSync(join(TARGET, `${platform}.json`), `${JSON.stringify(record, null, 2)}\n`);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  say(
    `${platform.padEnd(14)}${megabytes(record.size)}, packed ${megabytes(files.xz.size)} (xz) and ${megabytes(files.gz.size)} (gz) in ${seconds} s`,
  );
}

/** Builds those of `platforms` that are missing or old. */
export async function buildExecutables(platforms) {
  await ensureBuilt();
  await alone(() => buildMissing(platforms));
}

async function buildMissing(platforms) {
  const script = join(AGENT, 'agent.cjs');
  const { version } = JSON.parse(readFileSync(join(AGENT, 'release.json'), 'utf8'));
  const known = { version, script: sha256(readFileSync(script)), made: recipe() };
  const missing = platforms.filter((platform) => !isThere(platform, known));
  for (const platform of platforms) if (!missing.includes(platform)) say(`${platform.padEnd(14)}is there`);
  if (missing.length === 0) return;
  const folder = join(ROOT, `dist/.executables-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const blob = await makeBlob(script, folder);
    for (const platform of missing) await makeOne(platform, { blob, folder, known });
    writeFileSync(join(TARGET, 'LICENCES.txt'), `${licenceOfNode()}\n${readFileSync(`${script}.LEGAL.txt`, 'utf8')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(names) {
  const unknown = names.filter((name) => !(name in PLATFORMS));
  if (unknown.length > 0)
    throw new Error(`There is no executable for ${unknown.join(', ')}, only for ${Object.keys(PLATFORMS).join(', ')}.`);
  await buildExecutables(names.length > 0 ? names : Object.keys(PLATFORMS));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
