// The card of the Raspberry Pi: an MBR that the ROM of a Pi 3 reads, a partition that says which slot is started, one for each slot with
// firmware and kernel, two roots, data last. How the firmware chooses: "autoboot.txt" and "tryboot_a_b" in Raspberry Pi's documentation of config.txt.
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { ROOT } from '../prepare.mjs';
import { makeDisk, makeExt4, makeFat } from './disk.mjs';

/** MiB. A slot has room for an image with all executables of the agent that is one and a half times as large as today's. */
const SIZES = { first: 32, boot: 64, root: 320, data: 64 };
const STARTS = 4;
const TABLE = `label: dos
label-id: 0x52656576
start=${STARTS}M, size=${SIZES.first}M, type=c, bootable
size=${SIZES.boot}M, type=c
size=${SIZES.boot}M, type=c
size=${2 * SIZES.root + SIZES.data + 8}M, type=5
size=${SIZES.root}M, type=83
size=${SIZES.root}M, type=83
size=${SIZES.data}M, type=83
`;

/** Both slots are the same bytes: when one is written, the machine puts its own letter and number here (overlay/pi …/board). */
const COMMAND_LINE =
  'ro quiet panic=10 console=serial0,115200 console=tty0 systemd.show_status=0 reeve.slot=A reeve.rootpart=5\n';

const CONFIG = `# The firmware of the Raspberry Pi reads this. It is written anew by each update.
[all]
arm_64bit=1
kernel=kernel8.img
initramfs initrd followkernel
upstream_kernel=1
enable_uart=1
dtparam=watchdog=on
disable_overscan=1
[pi02]
gpu_mem=16
`;

/** Machines that the image is for, by the names of their device trees. */
const TREES = /^(bcm2710-rpi-(3|zero-2)|bcm2711-rpi-(4|400|cm4)|bcm2712(-d)?-rpi-|bcm2837-rpi-(3|zero-2|cm3))/;
const FIRMWARE = ['start.elf', 'fixup.dat', 'start4.elf', 'fixup4.dat'];
/** Takes out of the root what the firmware needs, into `kept`. As `change` of makeParts. */
export function takeFirmware(root, kernel, kept) {
  mkdirSync(kept, { recursive: true });
  const firmware = join(root, 'usr/lib/raspi-firmware');
  for (const name of ['bootcode.bin', ...FIRMWARE]) cpSync(join(firmware, name), join(kept, name));
  cpSync(join(root, 'usr/share/doc/raspi-firmware/copyright'), join(kept, 'LICENCE.broadcom'));
  const trees = join(root, 'usr/lib/modules', kernel, 'dtb/broadcom');
  const found = readdirSync(trees).filter((name) => TREES.test(name));
  for (const wanted of [
    'bcm2837-rpi-3-b.dtb',
    'bcm2711-rpi-4-b.dtb',
    'bcm2712-rpi-5-b.dtb',
    'bcm2837-rpi-zero-2-w.dtb',
  ])
    if (!found.includes(wanted)) throw new Error(`the kernel has no ${wanted}`);
  // The firmware of a Pi 3 asks for its tree by the older number too.
  for (const name of found) cpSync(join(trees, name), join(kept, name));
  for (const name of found.filter((each) => each.startsWith('bcm2837')))
    if (!found.includes(name.replace('bcm2837', 'bcm2710')))
      cpSync(join(trees, name), join(kept, name.replace('bcm2837', 'bcm2710')));
  rmSync(firmware, { recursive: true });
  rmSync(join(root, 'usr/lib/modules', kernel, 'dtb'), { recursive: true });
}

/** YAML's reader for customise.mjs, alone in one file. */
export function addYaml(root) {
  buildSync({
    stdin: { contents: "export { parse } from 'yaml';", resolveDir: ROOT },
    outfile: join(root, 'usr/lib/reeve-system/yaml.mjs'),
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node22', legalComments: 'eof', logLevel: 'error' },
  });
}

/** Makes the partition of a slot out of kernel, initramfs and `kept` of takeFirmware, beside them; answers the files of an update by their names. */
export function slotOf({ folder, parts, kept, takenAt }) {
  const slot = join(folder, 'slot');
  cpSync(kept, slot, { recursive: true });
  rmSync(join(slot, 'bootcode.bin'));
  // Memory level and file are zlib's own: the same kernel makes the same bytes.
  writeFileSync(join(slot, 'kernel8.img'), gzipSync(readFileSync(parts.vmlinuz), { level: 9 }));
  cpSync(parts.initrd, join(slot, 'initrd'));
  writeFileSync(join(slot, 'config.txt'), CONFIG);
  writeFileSync(join(slot, 'cmdline.txt'), COMMAND_LINE);
  const file = join(folder, 'boot.fat');
  makeFat({ file, label: 'REEVE-BOOT', mebibytes: SIZES.boot, folder: slot, takenAt });
  rmSync(slot, { recursive: true });
  return { 'root.squashfs': parts['root.squashfs'], 'boot.fat': file };
}

/** What the firmware reads first, and whoever has the card in another machine sees. */
function firstPartition({ folder, kept, version }) {
  const first = join(folder, 'first');
  mkdirSync(first);
  cpSync(join(kept, 'bootcode.bin'), join(first, 'bootcode.bin'));
  // Empty, but without it a Pi 3 does not look further.
  writeFileSync(join(first, 'config.txt'), '');
  writeFileSync(join(first, 'autoboot.txt'), '[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n');
  writeFileSync(
    join(first, 'slots.env'),
    `ORDER=A B\nA_OK=1\nA_TRIAL=\nA_VERSION=${version}\nB_OK=0\nB_TRIAL=\nB_VERSION=\n`,
  );
  return first;
}

/** Writes `disk.raw` into `folder` out of `files` of slotOf and answers its path. */
export function makePiDisk({ folder, files, kept, version, takenAt }) {
  const first = join(folder, 'first.fat');
  makeFat({
    file: first,
    label: 'REEVE',
    mebibytes: SIZES.first,
    folder: firstPartition({ folder, kept, version }),
    takenAt,
  });
  const data = join(folder, 'data.ext4');
  makeExt4({ file: data, label: 'reeve-data', mebibytes: SIZES.data, takenAt });
  const file = join(folder, 'disk.raw');
  const mebibytes = STARTS + SIZES.first + 2 * SIZES.boot + 2 * SIZES.root + SIZES.data + 16;
  makeDisk({
    file,
    mebibytes,
    script: TABLE,
    parts: { 1: first, 2: files['boot.fat'], 5: files['root.squashfs'], 7: data },
  });
  for (const each of [first, data]) rmSync(each);
  const whole = join(folder, 'pi.raw');
  renameSync(file, whole);
  return whole;
}
