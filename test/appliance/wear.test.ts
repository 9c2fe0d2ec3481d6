import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freeBytesOf, storageUnder } from '../../appliance/wear.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

/** A tree like sysfs: `files` with their text, `links` from → to, all below one root. */
function tree(files: Record<string, string>, links: Record<string, string> = {}) {
  const root = temporaryDirectory();
  const place = (path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(place(path), `${text}\n`);
  for (const [from, to] of Object.entries(links)) symlinkSync(join(root, to), place(from));
  return { sys: join(root, 'sys'), proc: join(root, 'proc') };
}

const card = 'sys/devices/platform/emmc2bus/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0';
const usb = 'sys/devices/pci0000:00/usb1/block/sda';
const disk = 'sys/devices/pci0000:00/nvme/block/nvme0n1';
const at = (number: string) => ({ deviceOf: async () => number });

describe('the storage under a directory', () => {
  test('is an SD card when its partition is on one', async () => {
    const roots = tree(
      { [`${card}/mmcblk0p2/partition`]: '2', [`${card}/device/type`]: 'SD', [`${card}/removable`]: '0' },
      { 'sys/dev/block/179:2': `${card}/mmcblk0p2` },
    );
    expect(await storageUnder('/data', { ...roots, ...at('179:2') })).toEqual({
      wears: true,
      what: 'an SD card (mmcblk0)',
    });
  });

  test('is told apart from eMMC, which wears out too', async () => {
    const roots = tree({ [`${card}/device/type`]: 'MMC' }, { 'sys/dev/block/179:0': card });
    expect(await storageUnder('/data', { ...roots, ...at('179:0') })).toEqual({ wears: true, what: 'eMMC (mmcblk0)' });
  });

  test('is a removable drive when the kernel says so, and a disk when not', async () => {
    const stick = tree(
      { [`${usb}/removable`]: '1', [`${usb}/sda1/partition`]: '1' },
      { 'sys/dev/block/8:1': `${usb}/sda1` },
    );
    expect(await storageUnder('/data', { ...stick, ...at('8:1') })).toEqual({
      wears: true,
      what: 'a removable drive (sda)',
    });
    const fixed = tree({ [`${disk}/removable`]: '0' }, { 'sys/dev/block/259:0': disk });
    expect(await storageUnder('/data', { ...fixed, ...at('259:0') })).toEqual({
      wears: false,
      what: 'a disk (nvme0n1)',
    });
  });

  test('is the card below an encrypted volume', async () => {
    const crypt = 'sys/devices/virtual/block/dm-0';
    const roots = tree(
      { [`${card}/mmcblk0p2/partition`]: '2', [`${card}/device/type`]: 'SD', [`${crypt}/dm/name`]: 'data' },
      { 'sys/dev/block/253:0': crypt, [`${crypt}/slaves/mmcblk0p2`]: `${card}/mmcblk0p2` },
    );
    expect((await storageUnder('/data', { ...roots, ...at('253:0') })).what).toBe('an SD card (mmcblk0)');
  });

  test('is found through the mount table where the number is none of a device, as on btrfs', async () => {
    const directory = temporaryDirectory();
    const roots = tree(
      {
        [`${card}/mmcblk0p2/partition`]: '2',
        'proc/self/mountinfo': [
          '22 1 0:20 / / rw - btrfs /dev/nvme0n1 rw',
          `30 22 0:27 /sub ${directory} rw,noatime shared:1 - btrfs /dev/mmcblk0p2 rw`,
        ].join('\n'),
      },
      { 'sys/class/block/mmcblk0p2': `${card}/mmcblk0p2` },
    );
    expect((await storageUnder(directory, { ...roots, ...at('0:27') })).what).toBe('an SD card (mmcblk0)');
  });

  test('is unknown, and nothing is assumed, where there is no sysfs or no device', async () => {
    const roots = tree({ 'proc/self/mountinfo': '22 1 0:20 / / rw - overlay overlay rw\n' });
    expect(await storageUnder('/data', { ...roots, ...at('0:20') })).toEqual({
      wears: false,
      what: 'storage that it cannot tell',
    });
    expect((await storageUnder('/data', { sys: '/nowhere', proc: '/nowhere', ...at('8:0') })).wears).toBe(false);
  });

  test('of this machine is looked up without failing', async () => {
    const directory = temporaryDirectory();
    expect((await storageUnder(directory)).what).toMatch(/\S/);
    expect(await freeBytesOf(directory)).toBeGreaterThan(0);
  });
});
