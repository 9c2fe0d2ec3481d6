// Disks and file systems as files: no loop device, no mount.

import { createHash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { run, textOf } from './run.mjs';

const MIB = 1024 ** 2;
/** A FAT volume's number and an ext4's UUID, the same for the same words. */
const idOf = (words) => createHash('sha256').update(words).digest('hex');
export const uuidOf = (words) => idOf(words).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');

/** A FAT volume with the files of `folder`. */
export function makeFat({ file, label, mebibytes, folder, takenAt }) {
  const env = { SOURCE_DATE_EPOCH: String(takenAt), MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' };
  rmSync(file, { force: true });
  writeFileSync(file, '');
  truncateSync(file, mebibytes * MIB);
  run('mkfs.vfat', ['-n', label, '-i', idOf(label).slice(0, 8), '--invariant', file], { env });
  run('sh', ['-c', `find "$1" -exec touch --date=@${takenAt} {} +`, 'touch', folder]);
  fillFat({ file, folder, to: '', env });
}

/** Folder by folder, each in the order of its names: not in the one in which this machine's disk happens to tell them. */
function fillFat({ file, folder, to, env }) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => join(folder, name));
  if (files.length > 0) run('mcopy', ['-i', file, '-Q', '-m', ...files, `::${to}/`], { env });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    run('mmd', ['-i', file, `::${to}/${name}`], { env });
    fillFat({ file, folder: join(folder, name), to: `${to}/${name}`, env });
  }
}

/** An empty ext4 that grows at the first start. */
export function makeExt4({ file, label, mebibytes, takenAt }) {
  rmSync(file, { force: true });
  writeFileSync(file, '');
  truncateSync(file, mebibytes * MIB);
  const id = uuidOf(label);
  const words = [
    '-q',
    '-F',
    '-L',
    label,
    '-U',
    id,
    '-m',
    '1',
    '-E',
    `hash_seed=${id},lazy_itable_init=0,root_owner=0:0`,
    file,
  ];
  run('mkfs.ext4', words, { env: { SOURCE_DATE_EPOCH: String(takenAt), E2FSPROGS_FAKE_TIME: String(takenAt) } });
}

/**
 * Writes a disk. `script` is sfdisk's; `parts` are files by the number of their partition. What is empty takes no room on a file system that
 * knows holes.
 */
export function makeDisk({ file, mebibytes, script, parts }) {
  rmSync(file, { force: true });
  writeFileSync(file, '');
  truncateSync(file, mebibytes * MIB);
  run('sfdisk', ['--quiet', file], { input: script });
  const { partitiontable } = JSON.parse(textOf('sfdisk', ['--json', file]));
  const starts = partitiontable.partitions.map(({ start, size }) => ({ start, size }));
  for (const [number, part] of Object.entries(parts)) {
    const { start, size } = starts[Number(number) - 1];
    if (statSync(part).size > size * 512)
      throw new Error(`${part} has ${statSync(part).size} bytes and its partition ${size * 512}`);
    run('dd', [
      `if=${part}`,
      `of=${file}`,
      'bs=1M',
      `seek=${start * 512}`,
      'oflag=seek_bytes',
      'conv=notrunc,sparse',
      'status=none',
    ]);
  }
  return starts;
}

/** Overwrites bytes of a file at a place. */
export function writeAt(file, at, bytes) {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, at);
  closeSync(handle);
}

/** SHA-256 of a file, in hex. */
export function sha256Of(file) {
  const hash = createHash('sha256');
  const handle = openSync(file, 'r');
  const piece = Buffer.alloc(MIB);
  for (let count = 1; count > 0; ) {
    count = readSync(handle, piece, 0, piece.length, null);
    hash.update(piece.subarray(0, count));
  }
  closeSync(handle);
  return hash.digest('hex');
}
