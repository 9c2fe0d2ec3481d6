// `node image/os/build.mjs vm [FOLDER]`: an image to flash or to start, and its update, in dist/images/vm or FOLDER. `--quick` packs less
// tightly; `--locked` refuses packages that the lock does not name; `--with-executables` has the agent's for all platforms in it.
// `node image/os/build.mjs executables [FOLDER]`: these as a signed bundle, for images without them. `node image/os/build.mjs lock vm`: takes
// the packages that the mirror has now.
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildExecutables } from '../executables/build.mjs';
import { PLATFORMS } from '../executables/platforms.mjs';
import { ensureBuilt, ROOT } from '../prepare.mjs';
import { baseOf, lockOf, takeLock } from './base.mjs';
import { BOARDS } from './boards.mjs';
import { executablesIn, makeBundle, publicHalf, updateKey } from './bundle.mjs';
import { sha256Of } from './disk.mjs';
import { imagerList } from './imager.mjs';
import { makeInitramfs } from './initramfs.mjs';
import { addYaml, makePiDisk, slotOf, takeFirmware } from './pi.mjs';
import { dataSchema, version } from './release.mjs';
import { makeRoot, makeSquash } from './root.mjs';
import { run, say } from './run.mjs';
import { makeVmDisk } from './vm.mjs';

const megabytes = (file) => `${(statSync(file).size / 1e6).toFixed(1)} MB`;

/**
 * Makes the files of a slot in `folder`: `root.squashfs`, `vmlinuz`, `initrd`; answers their paths by these names. `change(root, kernel)` may
 * read or alter the root before it is packed: a board takes firmware out of it, a test breaks it. `withExecutables`: those of the agent are in it.
 */
export function makeParts(board, { folder, key, level, base = baseOf(board), change, withExecutables = false }) {
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  const parts = Object.fromEntries(['root.squashfs', 'vmlinuz', 'initrd'].map((name) => [name, join(folder, name)]));
  try {
    const kernel = makeRoot(board, {
      ...{ root, base, key: publicHalf(key), vmlinuz: parts.vmlinuz, change, withExecutables },
    });
    makeSquash(board, { root, file: parts['root.squashfs'], level });
    const { takenAt } = lockOf(board);
    makeInitramfs({ root, version: kernel, modules: board.modules, file: parts.initrd, takenAt });
    return parts;
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

function finish(board, { folder, parts, kept, key, to }) {
  const name = `reeve-${version()}-${board.id}`;
  const { raw, files } = diskOf(board, { folder, parts, kept });
  makeBundle({ file: join(folder, `${name}.update`), folder, parts: files, about: aboutOf(board), key });
  const kinds = [...PACKED[board.id](raw, join(folder, name)), 'update'];
  renameSync(raw, join(folder, `${name}.raw`));
  mkdirSync(to, { recursive: true });
  for (const kind of kinds) {
    const file = join(to, `${name}.${kind}`);
    run('mv', ['-f', join(folder, `${name}.${kind}`), file]);
    say(`${file}  ${megabytes(file)}  ${sha256Of(file)}`);
  }
  // What a machine without the firmware of a Pi starts by hand.
  if (board.id === 'pi') {
    for (const part of ['vmlinuz', 'initrd']) run('cp', [parts[part], join(to, `${name}.${part}`)]);
    run('cp', [join(kept, 'bcm2837-rpi-3-b.dtb'), join(to, `${name}.pi3.dtb`)]);
    run('cp', [join(ROOT, 'web-components/public/icon.svg'), join(to, 'reeve.svg')]);
    writeFileSync(join(to, 'os_list.json'), imagerList({ folder: to, name, takenAt: lockOf(board).takenAt }));
  }
}

async function buildImage(board, { to, level, isStrict, withExecutables }) {
  await ensureBuilt();
  if (withExecutables) await buildExecutables(Object.keys(PLATFORMS));
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
    const parts = makeParts(board, { folder, key, level, base, change, withExecutables });
    for (const [name, file] of Object.entries(parts)) say(`${name}  ${megabytes(file)}  ${sha256Of(file)}`);
    finish(board, { folder, parts, kept, key, to });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The executables of the agent for all platforms as one signed bundle, for appliances whose image has no room for them. */
async function buildBundle(to) {
  await buildExecutables(Object.keys(PLATFORMS));
  const folder = mkdtempSync(join(ROOT, 'dist/.image-'));
  try {
    const name = `reeve-${version()}-executables.update`;
    const from = join(ROOT, 'dist/executables');
    makeBundle({ file: join(folder, name), folder, ...executablesIn(from), key: updateKey() });
    mkdirSync(to, { recursive: true });
    run('mv', ['-f', join(folder, name), join(to, name)]);
    say(`${join(to, name)}  ${megabytes(join(to, name))}  ${sha256Of(join(to, name))}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(words) {
  const flags = words.filter((word) => word.startsWith('--'));
  const [first, ...rest] = words.filter((word) => !word.startsWith('--'));
  const [name, place] = first === 'lock' ? rest : [first, rest[0]];
  if (name === 'executables') return buildBundle(resolve(place ?? join(ROOT, 'dist/images/executables')));
  const board = BOARDS[name];
  if (!board) throw new Error(`Say which image: ${Object.keys(BOARDS).join(', ')}; or executables.`);
  if (process.getuid?.() !== 0) throw new Error('Only root can make an image, because files in it belong to many.');
  if (first === 'lock') return takeLock(board, Date.now());
  const startedAt = performance.now();
  const to = resolve(place ?? join(ROOT, 'dist/images', board.id));
  await buildImage(board, {
    to,
    level: flags.includes('--quick') ? 3 : 15,
    isStrict: flags.includes('--locked'),
    withExecutables: flags.includes('--with-executables'),
  });
  say(`made in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
