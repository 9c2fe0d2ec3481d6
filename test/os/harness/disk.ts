import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { grubEnvironment } from '../../../image/os/vm.mjs';

interface Partition {
  name: string;
  /** In sectors of 512 bytes. */
  start: number;
  size: number;
}

/** The partitions of a disk. */
export function partitionsOf(disk: string): Partition[] {
  const { partitiontable } = JSON.parse(execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' })) as {
    partitiontable: { partitions: Partition[] };
  };
  return partitiontable.partitions;
}

function partition(disk: string, name: string): Partition {
  const found = partitionsOf(disk).find((each) => each.name === name);
  if (!found) throw new Error(`${disk} has no partition ${name}`);
  return found;
}

/** A copy of an image on a larger disk; holes stay holes. */
export function diskOf(image: string, file: string, size = '1700M'): string {
  execFileSync('cp', ['--sparse=always', image, file]);
  execFileSync('truncate', ['--size', size, file]);
  return file;
}

/**
 * Works on a copy of the data partition of a disk whose machine is off, after what mending a power cut asks for, and puts it back where
 * `isChanged`. (e2fsprogs can work inside of a disk, but not replay a journal there.)
 */
function withData<T>(disk: string, { isChanged }: { isChanged: boolean }, work: (file: string) => T): T {
  const { start, size } = partition(disk, 'reeve-data');
  const file = `${disk}.data`;
  const [bytes, at] = [`count=${size * 512}`, start * 512];
  const common = ['bs=1M', 'status=none'];
  const from = [`if=${disk}`, `of=${file}`, ...common, `skip=${at}`, bytes];
  execFileSync('dd', [...from, 'iflag=skip_bytes,count_bytes', 'conv=sparse']);
  truncateSync(file, size * 512);
  try {
    const { status, stdout } = spawnSync('e2fsck', ['-p', file], { encoding: 'utf8' });
    if (status === null || status > 1) throw new Error(`the data partition is damaged: ${stdout}`);
    const answer = work(file);
    if (isChanged)
      execFileSync('dd', [`if=${file}`, `of=${disk}`, ...common, `seek=${at}`, 'oflag=seek_bytes', 'conv=notrunc']);
    return answer;
  } finally {
    rmSync(file);
  }
}

/** Puts a file into the data partition of a disk whose machine is off; `to` is a path in it. */
export function putOnDisk(disk: string, file: string, to: string): void {
  const script = `rm ${to}\nwrite ${file} ${to}\n`;
  withData(disk, { isChanged: true }, (data) =>
    execFileSync('debugfs', ['-w', '-f', '-', data], { input: script, stdio: ['pipe', 'ignore', 'pipe'] }),
  );
}

/** Text of a file of the data partition of a disk whose machine is off. */
export const readFromDisk = (disk: string, path: string): string =>
  withData(disk, { isChanged: false }, (data) =>
    execFileSync('debugfs', ['-R', `cat ${path}`, data], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );

const bootOf = (disk: string) => `${disk}@@${partition(disk, 'reeve-boot').start * 512}`;

/** Text of a file of the boot partition. */
export const readFromBoot = (disk: string, path: string): string =>
  execFileSync('mtype', ['-i', bootOf(disk), `::/${path}`], { encoding: 'latin1' });

/** Sets variables of the boot loader of a disk whose machine is off. */
export function setBootVariables(disk: string, changed: Record<string, string>): void {
  const lines = readFromBoot(disk, 'grub/grubenv').split('\n');
  const known = lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split('='));
  const file = `${disk}.grubenv`;
  writeFileSync(file, grubEnvironment({ ...Object.fromEntries(known), ...changed }));
  execFileSync('mcopy', ['-n', '-o', '-i', bootOf(disk), file, '::/grub/grubenv']);
  rmSync(file);
}

/** The bytes of a bundle with one of its manifest changed. */
export function tampered(bundle: string): Buffer {
  const bytes = readFileSync(bundle);
  bytes.write('X', bytes.indexOf('"dataSchema"') + 1, 'latin1');
  return bytes;
}
