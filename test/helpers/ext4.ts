import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** An ext4 of its own on a loop device, so that what reaches a block device can be counted. */
export interface Device {
  /** Where it is mounted. */
  readonly dir: string;
  /** Bytes that the file system has written to the device since it was made. */
  written(): number;
  /** Writes back what the kernel would write back by itself when it is 30 s old. */
  settle(): void;
  /**
   * Ends the file system as a power cut does: nothing more is written, neither data nor journal. Processes that hold files open must
   * be dead before `mountAgain`.
   */
  cutPower(): void;
  mountAgain(): void;
  remove(): void;
}

const run = (program: string, ...words: string[]): string =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

const MEBIBYTE = 2 ** 20;

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH (fs/ext4/ext4.h): Node has no ioctl. */
const SHUTDOWN =
  'open(my $d, "<", $ARGV[0]) or die; my $f = pack("L", 2); defined ioctl($d, 0x8004587d, $f) or die "$!"';

const CAP_SYS_ADMIN = 21n;

/** Why this machine cannot make such a device, or nothing. */
export function whyNoDevice(): string | undefined {
  if (process.platform !== 'linux') return 'it is not Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  const rights = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  if (((BigInt(`0x${rights}`) >> CAP_SYS_ADMIN) & 1n) === 0n) return 'it needs the right to mount';
  for (const program of ['mkfs.ext4', 'losetup', 'mount', 'perl'])
    if (spawnSync('which', [program]).status !== 0) return `${program} is not installed`;
  return spawnSync('losetup', ['-f']).status === 0 ? undefined : 'there is no free loop device';
}

/**
 * Whoever got a view of the mounts of his own meanwhile (a container, `unshare -m`) keeps the file system alive behind its unmount, and
 * to mount it again then would give the one whose power was cut.
 */
function waitUntilGone(path: string, timeoutMs = 60_000): void {
  const endsAt = performance.now() + timeoutMs;
  while (existsSync(path)) {
    if (performance.now() > endsAt) throw new Error(`another process holds the file system: ${path} is still there`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

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
    cutPower: () => void run('perl', '-e', SHUTDOWN, dir),
    mountAgain() {
      run('umount', dir);
      waitUntilGone(join('/sys/fs/ext4', basename(loop)));
      run('mount', '-o', 'noatime', loop, dir);
    },
    remove() {
      run('umount', '-l', dir);
      run('losetup', '-d', loop);
      rmSync(image);
    },
  };
}
