import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../helpers/until.ts';

/** A machine that boots: no KVM even where there is one, and no cmpxchg16b, with which Debian 12's QEMU crashes the kernel. */
const QEMU = ['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'qemu64,-cx16', '-smp', '2', '-m', '1024'];
const QUIET = ['-display', 'none', '-monitor', 'none', '-nodefaults'];

export interface MachineOptions {
  /** Raw disk that it starts from and writes to. */
  disk: string;
  /** Folder for its console. */
  folder: string;
  /** Port of this machine's loopback that is port 80 inside. */
  port: number;
  /** Starts with UEFI in place of BIOS. */
  isUefi?: boolean;
  /** More words for QEMU. */
  more?: readonly string[];
  /** Put before the command line, as `ip netns exec NAME`. */
  within?: readonly string[];
}

export interface Health {
  status: string;
  version: string;
  uptimeSeconds: number;
}

const UEFI = ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/ovmf/OVMF.fd'];

/** A virtual machine under emulation; it lives as long as its process. */
export class Machine {
  readonly url: string;
  readonly #qemu: ChildProcess;
  readonly #log: string;
  readonly startedAt = performance.now();

  constructor({ disk, folder, port, isUefi = false, more = [], within = [] }: MachineOptions) {
    this.url = `http://127.0.0.1:${port}`;
    this.#log = join(folder, 'console.log');
    const firmware = UEFI.find((file) => existsSync(file)) ?? '';
    const [program = '', ...words] = [
      ...within,
      'qemu-system-x86_64',
      ...QEMU,
      ...QUIET,
      ...(isUefi ? ['-drive', `if=pflash,format=raw,readonly=on,file=${firmware}`] : []),
      ...['-chardev', `file,id=console,path=${this.#log},append=on`, '-serial', 'chardev:console', '-vga', 'std'],
      ...['-drive', `file=${disk},if=virtio,format=raw`],
      ...[
        '-netdev',
        `user,id=user,hostfwd=tcp:127.0.0.1:${port}-:80`,
        '-device',
        'virtio-net-pci,netdev=user,romfile=',
      ],
      ...['-device', 'virtio-rng-pci', ...more],
    ];
    this.#qemu = spawn(program, words, { stdio: 'ignore' });
  }

  /** What it wrote on its serial line, since the disk was made. */
  console(): string {
    return existsSync(this.#log) ? readFileSync(this.#log, 'latin1') : '';
  }

  isRunning(): boolean {
    return this.#qemu.exitCode === null && this.#qemu.signalCode === null;
  }

  /** Seconds of processor time that it has taken. */
  cpuSeconds(): number {
    const [, rest = ''] = readFileSync(`/proc/${this.#qemu.pid}/stat`, 'utf8').split(') ');
    const fields = rest.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async health(): Promise<Health> {
    const response = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(3_000) });
    return (await response.json()) as Health;
  }

  /** Waits until the appliance answers, in this version where one is said. */
  healthy(version?: string, timeoutMs = 400_000): Promise<Health> {
    return until(
      async () => {
        if (!this.isRunning()) throw new Error('the machine has ended');
        const health = await this.health();
        return health.status === 'ok' && (version === undefined || health.version === version) ? health : undefined;
      },
      {
        timeoutMs,
        everyMs: 250,
        what: `${version ?? 'an appliance'} answers; the console says ${this.console().slice(-1_500)}`,
      },
    );
  }

  /** Waits for words on the console that come after `from` characters of it. */
  says(words: RegExp, from = 0, timeoutMs = 400_000): Promise<RegExpExecArray> {
    return until(() => words.exec(this.console().slice(from)) ?? undefined, {
      timeoutMs,
      everyMs: 250,
      what: `the console says ${words}; it says ${this.console().slice(-1_500)}`,
    });
  }

  /** The plug is pulled. */
  async cut(): Promise<void> {
    this.#qemu.kill('SIGKILL');
    await until(() => !this.isRunning(), { what: 'the machine has ended' });
  }
}

/** A copy of an image on a larger disk; holes stay holes. */
export function diskOf(image: string, file: string, size = '2G'): string {
  execFileSync('cp', ['--sparse=always', image, file]);
  execFileSync('truncate', ['--size', size, file]);
  return file;
}

/**
 * Works on a copy of the data partition of a disk whose machine is off, after what mending a power cut asks for, and puts it back where
 * `isChanged`. (e2fsprogs can work inside of a disk, but not replay a journal there.)
 */
function withData<T>(disk: string, { isChanged }: { isChanged: boolean }, work: (file: string) => T): T {
  const { partitiontable } = JSON.parse(execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' })) as {
    partitiontable: { partitions: { name: string; start: number; size: number }[] };
  };
  const { start = 0, size = 0 } = partitiontable.partitions.find(({ name }) => name === 'reeve-data') ?? {};
  const file = `${disk}.data`;
  const [bytes, at] = [`count=${size * 512}`, start * 512];
  const common = ['bs=1M', 'status=none'];
  execFileSync('dd', [
    `if=${disk}`,
    `of=${file}`,
    ...common,
    `skip=${at}`,
    bytes,
    'iflag=skip_bytes,count_bytes',
    'conv=sparse',
  ]);
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
