// `node image/container/build-oci.mjs [FOLDER] [--machines amd64,arm64] [--executables]`: the container of the Dockerfile for all machines,
// without Docker, root or emulation: FOLDER/reeve-VERSION.oci.tar (dist/container), as `podman load`, `docker load` and `skopeo` take it.
// `--executables` builds those of the agent first; those that are in dist/executables are taken along in any case.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildExecutables } from '../executables/build.mjs';
import { strippedElf } from '../executables/elf.mjs';
import { bytesOf } from '../executables/parts.mjs';
import { PLATFORMS } from '../executables/platforms.mjs';
import { ROOT } from '../prepare.mjs';
import { configOf } from './dockerfile.mjs';
import { writeImage, writeIndex, writeLayer } from './layout.mjs';
import { debTar, MACHINES } from './parts.mjs';
import { entriesOf } from './tar.mjs';

const OWNER = 10001;
const { version, license, description } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const say = (text) => process.stderr.write(`${text}\n`);

function run(program, words, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
    ...options,
  });
  if (status !== 0) throw new Error(`${program} ${words[0]} failed: ${error?.message ?? stderr.slice(-2000)}`);
  return stdout.trim();
}

/** Time of everything in the image, seconds since 1970: of the last change, so that browsers see a new dashboard as one. */
function timeOfSources() {
  const { SOURCE_DATE_EPOCH: told } = process.env;
  return Number(told || run('git', ['log', '-1', '--format=%ct'], { cwd: ROOT }));
}

const text = (path, content) => ({ path, kind: 'file', mode: 0o644, bytes: Buffer.from(content) });
const folder = (path, mode = 0o755, owner = 0) => ({ path, kind: 'folder', mode, uid: owner, gid: owner });
const link = (path, to) => ({ path, kind: 'link', mode: 0o777, link: to });

/** Libraries and what the law asks for; not what is for programs that are not there. */
const isWanted = ({ path }) =>
  /^usr\/lib(64)?\/([a-z0-9_]+-linux-gnu\/)?[^/]+\.so[.\d]*$/.test(path) ||
  /^usr\/share\/doc\/[^/]+(\/copyright)?$/.test(path);

/** What lies under everything: the C library, Node, and nothing that could be started by somebody who got in. */
async function systemOf({ node, folder: loader, debs }) {
  const parts = [];
  for (const [path, hash] of Object.entries(debs)) parts.push(...entriesOf(await debTar(path, hash)).filter(isWanted));
  const folders = new Set(parts.flatMap(({ path }) => path.split('/').map((_, n, all) => all.slice(0, n).join('/'))));
  const isFolder = ({ path, kind }) => kind !== 'folder' && !folders.has(path);
  return [
    ...parts.filter(isFolder),
    ...['proc', 'sys', 'dev', 'etc', 'run', 'usr/local', 'usr/local/bin', ...folders]
      .filter(Boolean)
      .map((path) => folder(path)),
    ...[...new Set(['lib', loader])].map((path) => link(path, `usr/${path}`)),
    { path: 'usr/local/bin/node', kind: 'file', mode: 0o755, bytes: strippedElf(bytesOf(node)) },
    text('etc/passwd', `root:x:0:0:root:/:/\nreeve:x:${OWNER}:${OWNER}:Reeve:/data:/\n`),
    text('etc/group', `root:x:0:\nreeve:x:${OWNER}:\n`),
    text('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    text('usr/share/doc/node/LICENSE', bytesOf({ ...node, inside: 'package/LICENSE' })),
    folder('usr/share/doc/node'),
    folder('tmp', 0o1777),
    ...['data', 'data/docs', 'data/history', 'logs'].map((path) => folder(path, 0o700, OWNER)),
  ];
}

/** A folder of this machine, at `to` in the image; everybody may read it and nobody write. */
export function entriesBelow(from, to) {
  const found = readdirSync(from, { recursive: true, withFileTypes: true }).map((each) => {
    const file = join(each.parentPath, each.name);
    const path = `${to}/${relative(from, file)}`;
    if (each.isDirectory()) return folder(path);
    return { path, kind: 'file', mode: statSync(file).mode & 0o100 ? 0o755 : 0o644, file };
  });
  return [folder(to), ...found];
}

/** The appliance with the packages of that processor. */
function releaseFor({ cpu }, work) {
  const packages = join(work, `packages-${cpu}`);
  mkdirSync(packages, { recursive: true });
  for (const name of ['package.json', 'package-lock.json', '.npmrc'])
    copyFileSync(join(ROOT, name), join(packages, name));
  run('npm', ['ci', '--omit=dev', '--os=linux', `--cpu=${cpu}`, '--libc=glibc', '--no-audit', '--no-fund'], {
    cwd: packages,
  });
  const release = join(work, `release-${cpu}`);
  run(process.execPath, [join(ROOT, 'image/release.mjs'), release, '--packages', packages]);
  return entriesBelow(release, 'reeve');
}

async function imageFor(architecture, { layout, work, time, annotations }) {
  const machine = MACHINES[architecture];
  const release = releaseFor(machine, work);
  const isExecutable = ({ path }) => path.startsWith('reeve/dist/executables');
  const layers = [];
  const add = async (name, entries, level) => {
    if (entries.length > 0) layers.push({ name, ...(await writeLayer(layout, entries, { time, level })) });
  };
  await add('Node and the libraries it needs, from Debian', await systemOf(machine));
  await add('executables of the agent', release.filter(isExecutable), 1);
  await add(
    'Reeve',
    release.filter((entry) => !isExecutable(entry)),
  );
  const config = configOf(readFileSync(join(ROOT, 'image/container/Dockerfile'), 'utf8'));
  const created = new Date(time * 1000).toISOString();
  const sizes = layers.map(({ descriptor }) => `${(descriptor.size / 1e6).toFixed(1)} MB`);
  say(`${architecture}: ${layers.map(({ name }, n) => `${name} ${sizes[n]}`).join(', ')}`);
  return writeImage(layout, { architecture, layers, config, created, annotations });
}

/** Writes the archive for these machines and answers with its path. */
export async function buildContainer(to, machines) {
  mkdirSync(to, { recursive: true });
  const work = mkdtempSync(join(to, '.work-'));
  try {
    const layout = join(work, 'layout');
    const time = timeOfSources();
    const annotations = {
      'org.opencontainers.image.title': 'Reeve',
      'org.opencontainers.image.description': description,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': license,
    };
    const manifests = [];
    for (const machine of machines) manifests.push(await imageFor(machine, { layout, work, time, annotations }));
    writeIndex(layout, { manifests, name: `reeve:${version}`, annotations });
    const file = join(to, `reeve-${version}.oci.tar`);
    const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${time}`, '--mode=u=rwX,go=rX'];
    run('tar', [
      '--create',
      '--file',
      file,
      '--format=ustar',
      ...same,
      '--directory',
      layout,
      'oci-layout',
      'index.json',
      'blobs',
    ]);
    return file;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function main() {
  const options = {
    machines: { type: 'string', default: 'amd64,arm64' },
    executables: { type: 'boolean', default: false },
  };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const machines = values.machines.split(',');
  const unknown = machines.filter((name) => !(name in MACHINES));
  if (unknown.length > 0)
    throw new Error(`There is no container for ${unknown.join(', ')}, only for ${Object.keys(MACHINES).join(', ')}.`);
  if (values.executables) await buildExecutables(Object.keys(PLATFORMS));
  const file = await buildContainer(resolve(positionals[0] ?? join(ROOT, 'dist/container')), machines);
  say(`${file}  ${(statSync(file).size / 1e6).toFixed(1)} MB`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
