import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../helpers/until.ts';
import type { TestLan } from '../../lan/harness/namespaces.ts';

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
  /** A LAN that its second network card is on; `plug` puts it there. */
  lan?: TestLan;
}

export interface Health {
  status: string;
  version: string;
  uptimeSeconds: number;
}

const UEFI = ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/ovmf/OVMF.fd'];
const LIMIT_MS = 400_000;
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const qemu of running) qemu.kill('SIGKILL');
});

const card = (netdev: string) => ['-device', `virtio-net-pci,netdev=${netdev},romfile=`];

/**
 * One card on QEMU's own little router, which lets the test in and leads nowhere else; on a LAN a second one. Never both on one wire: the
 * router takes what the LAN's hosts say to each other for its own, and hangs up on them.
 */
function networkOf(port: number, tap: string | undefined): string[] {
  const user = ['-netdev', `user,id=user,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:80`, ...card('user')];
  if (tap === undefined) return user;
  const mac = ',mac=52:54:00:12:34:57';
  return [
    ...user,
    '-netdev',
    `tap,id=tap,ifname=${tap},script=no,downscript=no`,
    ...card('tap').map((word) => (word === '-device' ? word : word + mac)),
  ];
}

/** A virtual machine under emulation; it lives as long as its process, which never outlives this one. */
export class Machine {
  readonly url: string;
  readonly #qemu: ChildProcess;
  readonly #log: string;
  readonly #lan: TestLan | undefined;
  readonly #tap = `rvtap${process.pid}`;
  readonly startedAt = performance.now();

  constructor({ disk, folder, port, isUefi = false, lan }: MachineOptions) {
    this.url = `http://127.0.0.1:${port}`;
    this.#log = join(folder, 'console.log');
    this.#lan = lan;
    const firmware = UEFI.find((file) => existsSync(file)) ?? '';
    const words = [
      ...['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...QEMU, ...QUIET],
      ...(isUefi ? ['-drive', `if=pflash,format=raw,readonly=on,file=${firmware}`] : []),
      ...['-chardev', `file,id=console,path=${this.#log},append=on`, '-serial', 'chardev:console', '-vga', 'std'],
      ...['-drive', `file=${disk},if=virtio,format=raw`, '-device', 'virtio-rng-pci'],
      ...networkOf(port, lan && this.#tap),
    ];
    this.#qemu = spawn('setpriv', words, { stdio: 'ignore' });
    running.add(this.#qemu);
    this.#qemu.once('exit', () => running.delete(this.#qemu));
  }

  /** Puts its cable into the bridge of the LAN. */
  async plug(): Promise<void> {
    if (!this.#lan) return;
    const tap = this.#tap;
    await until(() => existsSync(`/sys/class/net/${tap}`), { what: 'the machine has a network card' });
    execFileSync('ip', ['link', 'set', tap, 'netns', this.#lan.bridge]);
    execFileSync('ip', ['-n', this.#lan.bridge, 'link', 'set', tap, 'master', 'br0', 'up']);
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
    const response = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(5_000) });
    return (await response.json()) as Health;
  }

  /** Waits until the appliance answers, in this version where one is said. */
  healthy(version?: string): Promise<Health> {
    return this.#wait(`${version ?? 'an appliance'} answers`, LIMIT_MS, async () => {
      const health = await this.health();
      return health.status === 'ok' && (version === undefined || health.version === version) ? health : undefined;
    });
  }

  /** Waits for words on the console that come after `from` characters of it. */
  says(words: RegExp, from = 0, timeoutMs = LIMIT_MS): Promise<RegExpExecArray> {
    return this.#wait(`the console says ${words}`, timeoutMs, () => words.exec(this.console().slice(from)));
  }

  async #wait<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined> | T | null): Promise<T> {
    const isOver = () => (this.isRunning() ? look() : 'ended');
    const found = await until(isOver, { timeoutMs, everyMs: 250, what }).catch((error) => {
      throw new Error(`${error.message}; at the end the console says ${this.console().slice(-2_500)}`);
    });
    if (found === 'ended') throw new Error(`the machine has ended before ${what}: ${this.console().slice(-1_500)}`);
    return found as T;
  }

  /** The plug is pulled. */
  async cut(): Promise<void> {
    this.#qemu.kill('SIGKILL');
    await until(() => !this.isRunning(), { what: 'the machine has ended' });
  }
}
