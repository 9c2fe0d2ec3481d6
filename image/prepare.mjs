// What has to be there before anything of Reeve can run: packages that match the lock file, and a build that matches the
// sources. Plain JavaScript with nothing but Node's own modules, because it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const STAMP = join(ROOT, 'node_modules/.reeve-installed');
const BUILD_RECORD = join(ROOT, 'dist/.build.json');
const BUSY = join(ROOT, 'dist/.busy');
const SOURCES = ['protocol', 'discovery', 'agent', 'appliance', 'web-components', 'image'];
const ALSO = ['package.json', 'package-lock.json', 'tsconfig.json'];

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const sha256 = (content) => createHash('sha256').update(content).digest('hex');
const lockHash = () => sha256(readFileSync(join(ROOT, 'package-lock.json')));
const tell = (text) => process.stderr.write(`${text}\n`);

function* filesBelow(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) return yield path;
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'node_modules') continue;
    const inner = join(path, entry.name);
    if (entry.isDirectory()) yield* filesBelow(inner);
    else if (entry.isFile()) yield inner;
  }
}

/** One hash over the name and content of every file that the build reads. */
export function sourceHash() {
  const hash = createHash('sha256');
  for (const path of [...SOURCES, ...ALSO]) {
    for (const file of filesBelow(join(ROOT, path))) {
      hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

/** Says whether `dist/` was built from the sources as they are now. */
export function isBuilt() {
  try {
    return readJson(BUILD_RECORD).sources === sourceHash();
  } catch {
    return false;
  }
}

/**
 * Says whether `node_modules` holds what the lock file asks for: by our own stamp, or, after somebody's `npm ci`, by npm's
 * record of what it installed. Without `dev`, packages that only building and testing need may be missing.
 */
export function isInstalled({ dev, root = ROOT } = { dev: true }) {
  const stamp = join(root, 'node_modules/.reeve-installed');
  const lock = readFileSync(join(root, 'package-lock.json'));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sha256(lock)) return true;
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const there = readJson(record).packages;
  return Object.entries(JSON.parse(lock).packages).every(([path, wanted]) => {
    if (path === '') return true;
    const installed = there[path];
    if (installed) return installed.version === wanted.version && installed.integrity === wanted.integrity;
    return wanted.optional || wanted.devOptional || (wanted.dev && !dev);
  });
}

/** Runs a program to its end with our own input and output; a signal to us reaches it. */
function run(program, parameters) {
  return new Promise((done, failed) => {
    const child = spawn(program, parameters, { cwd: ROOT, stdio: ['ignore', 2, 2] });
    const pass = (signal) => child.kill(signal);
    const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const name of names) process.on(name, pass);
    child.on('error', failed);
    child.on('close', (code, signal) => {
      for (const name of names) process.off(name, pass);
      if (signal) process.exit(143);
      if (code === 0) done();
      else failed(new Error(`${[program, ...parameters].join(' ')} ended with code ${code}`));
    });
  });
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Two commands started at once in a fresh clone must not install or build over each other. */
export async function alone(work) {
  mkdirSync(dirname(BUSY), { recursive: true });
  for (let told = false; ; await pause(200)) {
    try {
      writeFileSync(BUSY, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(existsSync(BUSY) && readFileSync(BUSY, 'utf8'));
    if (holder && !isAlive(holder)) rmSync(BUSY, { force: true });
    else if (!told) tell(`Waiting for process ${holder}, which is installing or building here.`);
    told = true;
  }
  try {
    return await work();
  } finally {
    rmSync(BUSY, { force: true });
  }
}

async function install() {
  if (lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    return tell('node_modules is a link and does not match package-lock.json: install where it points to.');
  }
  tell('Installing packages (npm ci); this is needed once, and again when package-lock.json changes …');
  const npm = process.env.npm_execpath;
  const parameters = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm && /\.[cm]?js$/.test(npm)) await run(process.execPath, [npm, ...parameters]);
  else await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', parameters);
  writeFileSync(STAMP, lockHash());
}

/** Lets git run the checks before each commit; does nothing outside a checkout, or where hooks are set already. */
function useHooks() {
  if (process.env.CI || !existsSync(join(ROOT, '.git')) || !existsSync(join(ROOT, '.githooks'))) return;
  const git = (...parameters) => spawnSync('git', parameters, { cwd: ROOT, encoding: 'utf8' });
  if (git('config', '--get', 'core.hooksPath').status === 1) git('config', 'core.hooksPath', '.githooks');
}

/** Installs packages when `node_modules` does not match the lock file; quick when it does. */
export async function ensureInstalled({ dev = true } = {}) {
  if (isInstalled({ dev })) return;
  await alone(async () => {
    if (!isInstalled({ dev })) await install();
  });
}

/** Everything that checks and tests need: packages, and the commit hook. */
export async function ensureWorkplace() {
  await ensureInstalled();
  useHooks();
}

/** Packages and a build that match what is in the folder; each is made only when it is missing or old. */
export async function ensureBuilt() {
  if (isBuilt()) return ensureInstalled({ dev: false });
  await ensureWorkplace();
  await alone(async () => {
    if (isBuilt()) return;
    tell('Building; this is needed once, and again when sources change …');
    await run(process.execPath, [join(ROOT, 'image/build.mjs'), '--quiet']);
  });
}
