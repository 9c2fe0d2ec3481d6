import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../../helpers/directories.ts';
import { until } from '../../helpers/until.ts';

/** Beside Debian's least: what boots it, what the install line asks for, and what Node needs. */
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'curl', 'ca-certificates', 'sudo', 'libstdc++6'];

/** Makes a clean Debian of the release that this machine has, with this Node as the machine's own. */
export function makeRoot(): string {
  const root = join(makeDirectory('reeve-debian-'), 'root');
  const release = /^VERSION_CODENAME=(.+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  const words = ['--quiet', '--mode=root', '--variant=minbase', `--include=${PACKAGES.join(',')}`, release, root];
  execFileSync('mmdebstrap', words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000 });
  appendFileSync(join(root, 'etc/hosts'), `127.0.0.1 localhost ${HOST}\n`); // Or sudo wonders who it is.
  copyFileSync(process.execPath, join(root, 'usr/bin/node'));
  chmodSync(join(root, 'usr/bin/node'), 0o755);
  return root;
}

/** A copy that may be booted and changed. */
export function copyRoot(from: string): string {
  const root = join(makeDirectory('reeve-root-'), 'root');
  execFileSync('cp', ['--archive', '--reflink=auto', from, root], { timeout: 120_000 });
  return root;
}

const HOST = 'newcomer';

export interface Said {
  code: number | null;
  text: string;
}

/** nspawn wants the second kind of control groups; where the machine has the first, it gets a view of its own. */
const BOOT = `
root=$1 name=$2 host=$3
shift 3
mount --make-rprivate /
mountpoint -q /sys/fs/cgroup && umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$name" && echo $$ > "/sys/fs/cgroup/$name/cgroup.procs"
exec systemd-nspawn --quiet --keep-unit --register=no --directory="$root" --machine="$name" --hostname="$host" --boot --console=pipe "$@"
`;

/** A Debian that was booted with systemd as its first process, on the network of this machine. */
export class Machine {
  readonly root: string;
  readonly #nspawn: ChildProcess;
  readonly #first: number;

  private constructor(root: string, nspawn: ChildProcess, first: number) {
    this.root = root;
    this.#nspawn = nspawn;
    this.#first = first;
  }

  /** `visible`: folders of this machine that can be read inside, at the same place. */
  static async boot(root: string, visible: readonly string[] = []): Promise<Machine> {
    const name = `reeve-${process.pid}-${Date.now().toString(36)}`;
    const nspawn = spawn(
      'unshare',
      ['--mount', 'bash', '-c', BOOT, 'boot', root, name, HOST, ...visible.map((folder) => `--bind-ro=${folder}`)],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    for (const stream of [nspawn.stdout, nspawn.stderr]) stream.on('data', (piece) => (said += piece));
    const pid = nspawn.pid ?? 0;
    const first = await until(() => systemdBelow(pid), { timeoutMs: 30_000, what: `nspawn starts systemd: ${said}` });
    const machine = new Machine(root, nspawn, first);
    await until(async () => /running|degraded/.test((await machine.run('systemctl is-system-running')).text), {
      ...{ timeoutMs: 60_000, everyMs: 500, what: `the machine has booted: ${said}` },
    });
    return machine;
  }

  /** Runs a line of shell inside, as root. */
  run(line: string, timeoutMs = 100_000): Promise<Said> {
    const environment = [
      'env',
      '-i',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOME=/root',
    ];
    const words = ['-t', String(this.#first), '-a', '--', ...environment, 'sh', '-c', line];
    return new Promise((resolve) => {
      execFile('nsenter', words, { timeout: timeoutMs, maxBuffer: 32 * 1024 ** 2 }, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
        resolve({ code, text: `${stdout}${stderr}` });
      });
    });
  }

  async stop(): Promise<void> {
    if (this.#nspawn.exitCode === null) {
      await this.run('systemctl poweroff --force --force');
      await until(() => this.#nspawn.exitCode !== null || this.#nspawn.signalCode !== null, {
        timeoutMs: 30_000,
      }).catch(() => this.#nspawn.kill('SIGKILL'));
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** `unshare` became bash and bash nspawn, so its child is the machine's first process. */
function systemdBelow(pid: number): number | undefined {
  const children = spawnSync('pgrep', ['--parent', String(pid)], { encoding: 'utf8' }).stdout;
  return children
    .split('\n')
    .map(Number)
    .find((child) => {
      try {
        return child > 0 && readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'systemd';
      } catch {
        return false;
      }
    });
}
