// The disk of the virtual machine: GPT, GRUB for BIOS and UEFI, two slots, data last.
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { makeDisk, makeExt4, makeFat, uuidOf, writeAt } from './disk.mjs';
import { run } from './run.mjs';

const LABEL = 'REEVE';
const MODULES =
  'part_gpt fat normal linux echo search search_label loadenv test configfile serial terminal ls cat reboot halt boot minicmd all_video'.split(
    ' ',
  );
/** MiB of the parts. A slot has room for an image twice as large. */
const SIZES = { bios: 1, boot: 128, root: 512, data: 64 };
const LINUX_ROOT = '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709';
const BIOS_BOOT = '21686148-6449-6E6F-744E-656564454649';
/** In sectors of 512 bytes. */
const CORE_AT = 2048;

const TABLE = `label: gpt
label-id: ${uuidOf('reeve disk')}
start=${CORE_AT}, size=${SIZES.bios}M, type=${BIOS_BOOT}, name=reeve-bios, uuid=${uuidOf('reeve-bios')}
size=${SIZES.boot}M, type=uefi, name=reeve-boot, uuid=${uuidOf('reeve-boot')}
size=${SIZES.root}M, type=${LINUX_ROOT}, name=reeve-root-A, uuid=${uuidOf('reeve-root-A')}
size=${SIZES.root}M, type=${LINUX_ROOT}, name=reeve-root-B, uuid=${uuidOf('reeve-root-B')}
size=${SIZES.data}M, type=linux, name=reeve-data, uuid=${uuidOf('reeve-data')}
`;

/** GRUB's variables: 1024 bytes that are overwritten in place. */
export function grubEnvironment(variables) {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  return `# GRUB Environment Block\n${lines.join('')}`.padEnd(1024, '#');
}

/** GRUB for BIOS without grub-install: its first sector names the place of the rest by number. */
function writeBiosGrub(disk, core) {
  const first = Buffer.from(readFileSync('/usr/lib/grub/i386-pc/boot.img').subarray(0, 440));
  first.writeBigUInt64LE(BigInt(CORE_AT), 0x5c);
  first.fill(0x90, 0x66, 0x68);
  const rest = readFileSync(core);
  rest.writeBigUInt64LE(BigInt(CORE_AT + 1), 0x1f4);
  if (rest.length > SIZES.bios * 1024 ** 2) throw new Error('GRUB does not fit into its partition');
  writeAt(disk, 0, first);
  writeAt(disk, CORE_AT * 512, rest);
}

function makeGrub(boot, folder) {
  const early = join(folder, 'early.cfg');
  writeFileSync(early, `search --no-floppy --label --set=root ${LABEL}\nset prefix=($root)/grub\n`);
  for (const each of ['EFI/BOOT', 'grub', 'A', 'B']) mkdirSync(join(boot, each), { recursive: true });
  const core = join(folder, 'core.img');
  const common = ['-p', '/grub', '-c', early];
  run('grub-mkimage', ['-O', 'x86_64-efi', '-o', join(boot, 'EFI/BOOT/BOOTX64.EFI'), ...common, ...MODULES, 'efi_gop']);
  run('grub-mkimage', ['-O', 'i386-pc', '-o', core, ...common, ...MODULES, 'biosdisk']);
  copyFileSync(join(ROOT, 'image/os/grub.cfg'), join(boot, 'grub/grub.cfg'));
  return core;
}

/** Writes `disk.raw` into `folder` out of `parts` (files by the names that bundles have) and answers its path. */
export function makeVmDisk({ folder, parts, version, takenAt }) {
  const boot = join(folder, 'boot');
  mkdirSync(boot, { recursive: true });
  const core = makeGrub(boot, folder);
  const environment = {
    ORDER: 'A B',
    A_OK: 1,
    A_TRIAL: 0,
    A_TRY: '',
    A_VERSION: version,
    B_OK: 0,
    B_TRIAL: 0,
    B_TRY: '',
    B_VERSION: '',
  };
  writeFileSync(join(boot, 'grub/grubenv'), grubEnvironment(environment));
  for (const name of ['vmlinuz', 'initrd']) cpSync(parts[name], join(boot, 'A', name));
  const fat = join(folder, 'boot.fat');
  const data = join(folder, 'data.ext4');
  const disk = join(folder, 'disk.raw');
  makeFat({ file: fat, label: LABEL, mebibytes: SIZES.boot, folder: boot, takenAt });
  makeExt4({ file: data, label: 'reeve-data', mebibytes: SIZES.data, takenAt });
  const mebibytes = SIZES.bios + SIZES.boot + 2 * SIZES.root + SIZES.data + 4;
  makeDisk({ file: disk, mebibytes, script: TABLE, parts: { 2: fat, 3: parts['root.squashfs'], 5: data } });
  writeBiosGrub(disk, core);
  return disk;
}
