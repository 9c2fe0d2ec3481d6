// `node image/release.mjs [FOLDER] [--packages FOLDER] [--without-executables]`: what runs and nothing else. Builds where that is needed and prints a stamp of the sources; with a
// FOLDER it copies there the built programs and the packages that are not in them, out of node_modules here or in the folder named by --packages.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { OUTSIDE } from './outside.mjs';
import { ensureBuilt, ROOT, sourceHash } from './prepare.mjs';

/** Nothing reads these where it runs. */
const LEFT_OUT = /\.(map|d\.[cm]?ts)$/;

/** Where `name` is found by a package at `from`, as Node looks for it: beside it, then further up. */
function placeOf(packages, from, name) {
  for (let base = from; ; ) {
    const place = `${base === '' ? '' : `${base}/`}node_modules/${name}`;
    if (packages[place]) return place;
    if (base === '') return undefined;
    const up = base.lastIndexOf('/node_modules/');
    base = up < 0 ? '' : base.slice(0, up);
  }
}

/** Places in the lock file of these packages and of all that they need, down to the last. */
export function closureOf(packages, names) {
  const found = new Set();
  const add = (from, name) => {
    const place = placeOf(packages, from, name);
    if (!place || found.has(place)) return;
    found.add(place);
    const { dependencies, optionalDependencies, peerDependencies } = packages[place];
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) add(place, each);
  };
  for (const name of names) add('', name);
  return [...found].sort();
}

function copyPackages(from, to) {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  for (const place of closureOf(packages, OUTSIDE)) {
    const source = join(from, place);
    if (!existsSync(source)) {
      // A binary of another kind of machine, or a peer that is only for some.
      if (packages[place].optional || packages[place].peer || packages[place].dev) continue;
      throw new Error(`${place} is not in ${from}: run npm ci`);
    }
    cpSync(source, join(to, place), {
      recursive: true,
      dereference: true,
      filter: (file) => !LEFT_OUT.test(file) && (file === source || basename(file) !== 'node_modules'),
    });
  }
}

/** Fills an empty folder. */
function copyRelease(to, { packages, executables }) {
  mkdirSync(to, { recursive: true });
  for (const part of ['appliance', 'agent', 'web', ...executables]) {
    const source = join(ROOT, 'dist', part);
    const filter = (file) => !LEFT_OUT.test(file);
    if (existsSync(source)) cpSync(source, join(to, 'dist', part), { recursive: true, filter });
  }
  copyPackages(packages, to);
  for (const name of ['LICENSE', 'package.json']) cpSync(join(ROOT, name), join(to, name));
}

/** Changes with the sources, and with the executables of the agent that were built beside them, where these are taken. */
function stampOf(executables) {
  const hash = createHash('sha256').update(sourceHash());
  for (const part of executables) {
    const folder = join(ROOT, 'dist', part);
    const told = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
    for (const name of told.sort()) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

const isProgram = process.argv[1] && resolve(process.argv[1]) === join(ROOT, 'image/release.mjs');
if (isProgram) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      packages: { type: 'string', default: ROOT },
      'without-executables': { type: 'boolean', default: false },
    },
  });
  const [folder] = positionals;
  const executables = values['without-executables'] ? [] : ['executables'];
  await ensureBuilt();
  const stamp = stampOf(executables);
  if (folder) {
    copyRelease(resolve(folder), { packages: resolve(values.packages), executables });
    // Last: where it stands, everything else does.
    writeFileSync(join(resolve(folder), 'release.stamp'), `${stamp}\n`);
  }
  process.stdout.write(`${stamp}\n`);
}
