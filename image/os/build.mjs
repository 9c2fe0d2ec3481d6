// `node image/os/build.mjs vm [FOLDER]`: images to flash or to start, and their updates, in dist/images/vm or FOLDER: a small one, and one
// `-with-agents` that has the agent's executables for all platforms. `--small` makes only that; `--quick` packs less tightly; `--locked`
// refuses packages that the lock does not name. `node image/os/build.mjs executables vm [FOLDER]`: the executables as a signed bundle, for
// the small one. `node image/os/build.mjs lock vm`: takes the packages that the mirror has now.
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPacks, LICENCES } from '../executables/pack.mjs';
import { PLATFORMS } from '../executables/platforms.mjs';
import { ensureBuilt, ROOT } from '../prepare.mjs';
import { baseOf, lockOf, takeLock } from './base.mjs';
import { BOARDS, CARRIED } from './boards.mjs';
import { executablesOf, makeBundle, publicHalf, updateKey } from './bundle.mjs';
import { sha256Of } from './disk.mjs';
import { imagerList } from './imager.mjs';
import { makeInitramfs } from './initramfs.mjs';
import { addYaml, makePiDisk, slotOf, takeFirmware } from './pi.mjs';
import { dataSchema, version } from './release.mjs';
import { addPacks, makeRoot, makeSquash } from './root.mjs';
import { run, say } from './run.mjs';
import { makeVmDisk } from './vm.mjs';

const megabytes = (file) => `${(statSync(file).size / 1e6).toFixed(1)} MB`;

/**
 * Makes the files of a slot in `folder`: `root.squashfs`, `vmlinuz`, `initrd`; answers their paths by these names. `change(root, kernel)` may
 * read or alter the root before it is packed: a board takes firmware out of it, a test breaks it. `packs`: executables of the agent (`buildPacks`).
 */
export const makeParts = (board, { packs = {}, ...options }) =>
  makeEditions(board, { ...options, editions: [{ id: '', packs }] })[0];

/** The same for several images out of one root. Each of `editions` has a folder `id` of its own, and the packed executables of those before it. */
function makeEditions(board, { folder, key, level, base = baseOf(board), change, editions }) {
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  const [vmlinuz, initrd] = ['vmlinuz', 'initrd'].map((name) => join(folder, name));
  try {
    const kernel = makeRoot(board, { root, base, key: publicHalf(key), vmlinuz, change });
    const { takenAt } = lockOf(board);
    makeInitramfs({ root, version: kernel, modules: board.modules, file: initrd, takenAt });
    return editions.map(({ id, packs }) => {
      const squash = join(folder, id, 'root.squashfs');
      mkdirSync(join(folder, id), { recursive: true });
      if (Object.keys(packs).length > 0) addPacks(board, { root, packs, licences: LICENCES });
      makeSquash(board, { root, file: squash, level });
      return { 'root.squashfs': squash, vmlinuz, initrd };
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What the manifest of an update says of it. */
export const aboutOf = (board) => ({
  board: board.id,
  architecture: board.architecture,
  version: version(),
  dataSchema: dataSchema(),
});

/** Of `raw`, in the forms in which it is handed out; answers their endings. */
const PACKED = {
  vm(raw, file) {
    const how = ['-f', 'raw', '-O', 'qcow2', '-c', '-o', 'compression_type=zstd'];
    run('qemu-img', ['convert', ...how, raw, `${file}.qcow2`]);
    run('zstd', ['-q', '-3', '-T2', '-f', raw, '-o', `${file}.raw.zst`]);
    return ['raw', 'qcow2', 'raw.zst'];
  },
  // Every Raspberry Pi Imager reads xz. One block, so that two builds on unlike machines are the same.
  pi(raw, file) {
    run('sh', ['-c', 'xz -1 --threads=1 --keep --stdout "$1" >"$2"', 'xz', raw, `${file}.img.xz`]);
    return ['raw', 'img.xz'];
  },
};

/** Disk and files of the update of a board. */
function diskOf(board, { folder, parts, kept }) {
  const known = { folder, version: version(), takenAt: lockOf(board).takenAt };
  if (board.id !== 'pi') return { raw: makeVmDisk({ ...known, parts }), files: parts };
  const files = slotOf({ ...known, parts, kept });
  return { raw: makePiDisk({ ...known, files, kept }), files };
}

/** Makes one image and its update in `folder`, puts them into `to` and answers what they are. */
function finish(board, { id, folder, parts, kept, key, to }) {
  const name = nameOf(board, id);
  const { raw, files } = diskOf(board, { folder, parts, kept });
  makeBundle({ file: join(folder, `${name}.update`), folder, parts: files, about: aboutOf(board), key });
  const kinds = [...PACKED[board.id](raw, join(folder, name)), 'update'];
  renameSync(raw, join(folder, `${name}.raw`));
  return kinds.map((kind) => {
    const file = join(to, `${name}.${kind}`);
    run('mv', ['-f', join(folder, `${name}.${kind}`), file]);
    const made = { file: basename(file), bytes: statSync(file).size, sha256: sha256Of(file) };
    say(`${file}  ${megabytes(file)}  ${made.sha256}`);
    return made;
  });
}

/** `id` of an edition is empty for the small one. */
const nameOf = (board, id) => ['reeve', version(), board.id, ...(id ? [id] : [])].join('-');

/** What is beside the images of a Pi: what a machine without its firmware starts by hand, and the list for Imager. */
function finishPi(board, { editions, parts, kept, to }) {
  const name = nameOf(board, '');
  for (const part of ['vmlinuz', 'initrd']) run('cp', [parts[part], join(to, `${name}.${part}`)]);
  run('cp', [join(kept, 'bcm2837-rpi-3-b.dtb'), join(to, `${name}.pi3.dtb`)]);
  run('cp', [join(ROOT, 'web-components/public/icon.svg'), join(to, 'reeve.svg')]);
  const images = editions.map(({ id, called }) => ({ name: nameOf(board, id), called }));
  writeFileSync(join(to, 'os_list.json'), imagerList({ folder: to, images, takenAt: lockOf(board).takenAt }));
}

/** Small first: what the other has more is added to its root. */
async function editionsOf(board, isSmall) {
  const packs = await buildPacks(board.node, isSmall ? CARRIED : Object.keys(PLATFORMS));
  const some = (isWanted) => Object.fromEntries(Object.entries(packs).filter(([platform]) => isWanted(platform)));
  const small = { id: '', called: 'Reeve', packs: some((platform) => CARRIED.includes(platform)) };
  const rest = some((platform) => !CARRIED.includes(platform));
  const whole = { id: 'with-agents', called: 'Reeve, with agents for Windows and macOS', packs: rest };
  return isSmall ? [small] : [small, whole];
}

async function buildImage(board, { to, level, isStrict, isSmall }) {
  await ensureBuilt();
  const editions = await editionsOf(board, isSmall);
  const base = baseOf(board, { isStrict });
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'dist/.image-'));
  try {
    const key = updateKey();
    const kept = join(folder, 'firmware');
    const take = (root, kernel) => {
      takeFirmware(root, kernel, kept);
      addYaml(root);
    };
    const change = board.id === 'pi' ? take : undefined;
    const all = makeEditions(board, { folder, key, level, base, change, editions });
    mkdirSync(to, { recursive: true });
    const made = all.flatMap((parts, index) => {
      const { id } = editions[index];
      for (const [name, file] of Object.entries(parts)) say(`${name}  ${megabytes(file)}  ${sha256Of(file)}`);
      return finish(board, { id, folder: join(folder, id), parts, kept, key, to });
    });
    if (board.id === 'pi') finishPi(board, { editions, parts: all[0], kept, to });
    writeFileSync(join(to, 'files.json'), `${JSON.stringify(made, null, 2)}\n`);
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fails where what most people fetch has become too large. */
function needSmall(board, made) {
  const wanted = `${nameOf(board, '')}.${board.download}`;
  const { bytes } = made.find(({ file }) => file === wanted);
  if (bytes > board.mostBytes)
    throw new Error(`${wanted} has ${(bytes / 1e6).toFixed(1)} MB, and ${board.mostBytes / 1e6} MB is the most`);
}

/** The executables of the agent for all platforms as one signed bundle, for the small image of a board. */
async function buildBundle(board, to) {
  await ensureBuilt();
  const packs = await buildPacks(board.node);
  const folder = mkdtempSync(join(ROOT, 'dist/.image-'));
  try {
    const name = `${nameOf(board, 'executables')}.update`;
    const made = executablesOf(packs, { licences: LICENCES, architecture: board.architecture });
    makeBundle({ file: join(folder, name), folder, ...made, key: updateKey() });
    mkdirSync(to, { recursive: true });
    run('mv', ['-f', join(folder, name), join(to, name)]);
    say(`${join(to, name)}  ${megabytes(join(to, name))}  ${sha256Of(join(to, name))}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(words) {
  const flags = words.filter((word) => word.startsWith('--'));
  const rest = words.filter((word) => !word.startsWith('--'));
  const verb = ['lock', 'executables'].includes(rest[0]) ? rest.shift() : 'image';
  const [name, place] = rest;
  const board = BOARDS[name];
  if (!board)
    throw new Error(`Say which image: ${Object.keys(BOARDS).join(', ')}; before it may stand lock or executables.`);
  if (verb === 'executables') return buildBundle(board, resolve(place ?? join(ROOT, 'dist/images', board.id)));
  if (process.getuid?.() !== 0) throw new Error('Only root can make an image, because files in it belong to many.');
  if (verb === 'lock') return takeLock(board, Date.now());
  const startedAt = performance.now();
  const to = resolve(place ?? join(ROOT, 'dist/images', board.id));
  const isQuick = flags.includes('--quick');
  const made = await buildImage(board, {
    to,
    level: isQuick ? 3 : 15,
    isStrict: flags.includes('--locked'),
    isSmall: flags.includes('--small'),
  });
  say(`made in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  if (!isQuick) needSmall(board, made);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
