import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** An ext4 of its own on a loop device, so that what reaches a block device can be counted. */
export interface Device {
  /** Where it is mounted. */
  readonly dir: string;
  /** Bytes that the file system has written to the device since it was made. */
  written(): number;
  /** Writes back what the kernel would write back by itself when it is 30 s old. */
  settle(): void;
  remove(): void;
}

const run = (program: string, ...words: string[]): string =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

const MEBIBYTE = 2 ** 20;

/** Fails where this user may not mount: the benchmark needs root and loop devices. */
export function makeDevice(folder: string, mebibytes = 1024): Device {
  const image = join(folder, 'card.img');
  const dir = join(folder, 'card');
  writeFileSync(image, '');
  truncateSync(image, mebibytes * MEBIBYTE);
  mkdirSync(dir);
  // Without lazy initialisation: its background writes would be counted.
  run('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
  const loop = run('losetup', '-f', '--show', image);
  try {
    run('mount', '-o', 'noatime', loop, dir);
  } catch (error) {
    run('losetup', '-d', loop);
    throw error;
  }
  return {
    dir,
    /** Field 7 of /sys/block/NAME/stat is sectors written, of 512 bytes whatever the device says. */
    written: () =>
      Number(
        readFileSync(`/sys/block/${basename(loop)}/stat`, 'utf8')
          .trim()
          .split(/\s+/)[6],
      ) * 512,
    settle: () => void run('sync', '-f', dir),
    remove() {
      run('umount', dir);
      run('losetup', '-d', loop);
      rmSync(image);
    },
  };
}
