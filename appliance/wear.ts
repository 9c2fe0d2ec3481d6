import { readdir, readFile, realpath, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What the data directory lies on, as far as its wearing out goes. */
export interface Storage {
  /** True for SD cards, eMMC and removable drives: cheap flash that a few hundred rewrites a day wear out. */
  wears: boolean;
  /** In words for people: `an SD card (mmcblk0)`. */
  what: string;
}

export interface StorageOptions {
  /** Roots of sysfs and procfs; tests hand in trees of their own. */
  sys?: string;
  proc?: string;
  /** Device number of a path, `major:minor`. */
  deviceOf?: (path: string) => Promise<string>;
}

const UNKNOWN: Storage = { wears: false, what: 'storage that it cannot tell' };

/** Looks up the block device under a directory in sysfs; where there is none (other systems, containers), nothing is assumed. */
export async function storageUnder(directory: string, options: StorageOptions = {}): Promise<Storage> {
  const { sys = '/sys', proc = '/proc', deviceOf = numberOf } = options;
  try {
    const number = await deviceOf(directory);
    const device = (await byNumber(sys, number)) ?? (await byMount(directory, { sys, proc }));
    if (!device) return UNKNOWN;
    const disks = await disksUnder(device);
    const judged = await Promise.all(disks.map(judge));
    return judged.find(({ wears }) => wears) ?? judged[0] ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

/** Bytes that an ordinary user may still write where the directory lies. */
export async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** What a small file says; sysfs has a file only where there is something to say. */
const textOf = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);

/** Linux packs the number as gnu_dev_makedev does. */
async function numberOf(path: string): Promise<string> {
  const { dev } = await stat(path, { bigint: true });
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}

const byNumber = (sys: string, number: string): Promise<string | undefined> =>
  realpath(join(sys, 'dev/block', number)).catch(() => undefined);

/** btrfs and overlays have numbers of their own: there the mount table names the device. */
async function byMount(directory: string, { sys, proc }: { sys: string; proc: string }): Promise<string | undefined> {
  const place = await realpath(directory).catch(() => directory);
  const table = (await textOf(join(proc, 'self/mountinfo'))) ?? '';
  let best: { mount: string; source: string } | undefined;
  for (const line of table.split('\n')) {
    const mount = line.split(' ')[4] ?? '';
    const source = line.split(' - ')[1]?.split(' ')[1] ?? '';
    const isAbove = place === mount || place.startsWith(mount.endsWith('/') ? mount : `${mount}/`);
    if (isAbove && mount.length >= (best?.mount.length ?? 0)) best = { mount, source };
  }
  if (!best?.source.startsWith('/dev/')) return undefined;
  const name = basename(await realpath(best.source).catch(() => best.source));
  return realpath(join(sys, 'class/block', name)).catch(() => undefined);
}

/** The real disks behind a partition, an encrypted volume or an array. */
async function disksUnder(device: string): Promise<string[]> {
  const slaves = await readdir(join(device, 'slaves')).catch((): string[] => []);
  if (slaves.length > 0) {
    const below = slaves.map(async (slave) => disksUnder(await realpath(join(device, 'slaves', slave))));
    return (await Promise.all(below)).flat();
  }
  return (await textOf(join(device, 'partition'))) === undefined ? [device] : [dirname(device)];
}

async function judge(disk: string): Promise<Storage> {
  const name = basename(disk);
  if (name.startsWith('mmcblk')) {
    const isCard = (await textOf(join(disk, 'device/type')))?.trim() !== 'MMC';
    return { wears: true, what: `${isCard ? 'an SD card' : 'eMMC'} (${name})` };
  }
  if ((await textOf(join(disk, 'removable')))?.trim() === '1')
    return { wears: true, what: `a removable drive (${name})` };
  return { wears: false, what: `a disk (${name})` };
}
