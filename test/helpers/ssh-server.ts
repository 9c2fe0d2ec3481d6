import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { type HostKey, hostKeyOf } from '../../appliance/ssh-place.ts';
import { until } from './until.ts';

/** A real SSH server with keys of its own, on loopback unless said otherwise; it lets in whoever runs the test, with the keys in `authorize`. */
export interface SshServer {
  address: string;
  port: number;
  user: string;
  hostKey: HostKey;
  /** Its folder: `authorized_keys` can be changed while it runs. */
  dir: string;
  /** What it has logged. */
  log(): string;
  stop(): Promise<void>;
}

export interface SshServerOptions {
  dir: string;
  authorize: readonly string[];
  port?: number;
  keyType?: 'ed25519' | 'rsa' | 'ecdsa';
  /** Lines of its configuration. */
  config?: readonly string[];
  /** An address of where it runs; loopback otherwise. */
  listen?: string;
  /** Put before its command line, such as for a namespace. */
  within?: readonly string[];
  /** One account more, which only this server knows, and which signs in with a password; needs root. */
  account?: { name: string; password: string };
}

export const SSHD = '/usr/sbin/sshd';
export const DROPBEAR = '/usr/sbin/dropbear';

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The key in a `.pub` file. */
const keyIn = (line: string): HostKey => hostKeyOf(Buffer.from(line.split(' ')[1] ?? '', 'base64'));

function begin([command = '', ...args]: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stdout.on('data', (piece) => said.push(String(piece)));
  child.stderr.on('data', (piece) => said.push(String(piece)));
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { log: () => said.join(''), stop, hasEnded: () => child.exitCode !== null };
}

/** OpenSSH, in the foreground. */
export async function startSshd({ dir, authorize, config = [], ...options }: SshServerOptions): Promise<SshServer> {
  const { listen = '127.0.0.1', within = [], account } = options;
  mkdirSync(dir, { recursive: true });
  if (process.getuid?.() === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 });
  const port = options.port ?? (await freePort());
  const type = options.keyType ?? 'ed25519';
  const key = path.join(dir, `host_${type}`);
  if (!existsSync(key)) execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', key]);
  writeFileSync(path.join(dir, 'authorized_keys'), `${authorize.join('\n')}\n`, { mode: 0o600 });
  const lines = [
    ...[`ListenAddress ${listen}`, `Port ${port}`, `HostKey ${key}`, 'PidFile none', 'UsePAM no', 'StrictModes no'],
    ...[
      `AuthorizedKeysFile ${account ? '.ssh' : dir}/authorized_keys`,
      'PermitRootLogin yes',
      'MaxStartups 100',
      'LogLevel VERBOSE',
    ],
    ...config,
  ];
  writeFileSync(path.join(dir, 'sshd_config'), `${lines.join('\n')}\n`);
  const inOwnHome = account ? withAccount(dir, account) : [];
  const server = begin([...within, ...inOwnHome, SSHD, '-D', '-e', '-f', path.join(dir, 'sshd_config')]);
  await until(() => server.log().includes('Server listening') || server.hasEnded(), { what: 'sshd listens' });
  if (server.hasEnded()) throw new Error(`sshd ended: ${server.log()}`);
  const hostKey = keyIn(execFileSync('ssh-keygen', ['-y', '-f', key], { encoding: 'utf8' }));
  const user = account?.name ?? userInfo().username;
  return { address: listen, port, user, hostKey, dir, log: server.log, stop: server.stop };
}

const ACCOUNT_ID = 54_321;

/** What makes an account for whatever is run behind it: its lines over passwd and shadow, its home over /home, seen by nobody else. */
function withAccount(dir: string, { name, password }: { name: string; password: string }): string[] {
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim();
  const line = `${name}:x:${ACCOUNT_ID}:${ACCOUNT_ID}::/home/${name}:/bin/sh\n`;
  writeFileSync(path.join(dir, 'passwd'), readFileSync('/etc/passwd', 'utf8') + line);
  const shadow = `${readFileSync('/etc/shadow', 'utf8')}${name}:${hash}:19000:0:99999:7:::\n`;
  writeFileSync(path.join(dir, 'shadow'), shadow, { mode: 0o600 });
  const script = [
    'set -e; mount --bind "$1/passwd" /etc/passwd; mount --bind "$1/shadow" /etc/shadow; mount -t tmpfs tmpfs /home',
    `mkdir "/home/$2"; chown ${ACCOUNT_ID}:${ACCOUNT_ID} "/home/$2"; shift 2; exec "$@"`,
  ].join('\n');
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', dir, name];
}

/** Whether this machine has what `startDropbear` needs. */
export const hasDropbear = (): boolean =>
  process.getuid?.() === 0 && [DROPBEAR, '/usr/bin/dropbearkey', '/usr/bin/busybox'].every((file) => existsSync(file));

/** Dropbear in a root of its own, in which there is nothing but BusyBox: what routers and small devices are. */
export async function startDropbear({ dir, authorize }: SshServerOptions): Promise<SshServer> {
  const root = path.join(dir, 'root');
  for (const each of ['bin', 'etc/dropbear', 'root/.ssh', 'proc', 'dev', 'tmp', 'var/log'])
    mkdirSync(path.join(root, each), { recursive: true });
  const key = path.join(root, 'etc/dropbear/host_key');
  const said = execFileSync('dropbearkey', ['-t', 'ed25519', '-f', key], { encoding: 'utf8', stdio: 'pipe' });
  const script = [
    ...['set -e', 'mount -t proc proc "$1/proc"', 'cp /usr/bin/busybox /usr/sbin/dropbear "$1/bin/"'],
    'ldd /usr/sbin/dropbear | grep -o "/[^ ]*" | while read -r f; do mkdir -p "$1$(dirname "$f")"; cp "$f" "$1$f"; done',
    '[ -e "$1/dev/null" ] || { mknod -m 666 "$1/dev/null" c 1 3; mknod -m 666 "$1/dev/urandom" c 1 9; mknod -m 666 "$1/dev/random" c 1 8; }',
    ...[
      'chroot "$1" /bin/busybox --install -s /bin',
      'exec chroot "$1" /bin/dropbear -F -E -r /etc/dropbear/host_key -p "127.0.0.1:$2"',
    ],
  ].join('\n');
  writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(path.join(root, 'etc/shadow'), 'root:*:19000:0:99999:7:::\n', { mode: 0o600 });
  writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(path.join(root, 'etc/shells'), '/bin/sh\n');
  writeFileSync(
    path.join(root, 'etc/os-release'),
    'NAME="OpenWrt"\nID="openwrt"\nVERSION_ID="23.05.5"\nPRETTY_NAME="OpenWrt 23.05.5"\n',
  );
  writeFileSync(path.join(root, 'root/.ssh/authorized_keys'), `${authorize.join('\n')}\n`, { mode: 0o600 });
  const port = await freePort();
  const server = begin(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', root, `${port}`]);
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  await until(async () => server.hasEnded() || (await answers()), { what: 'dropbear listens' });
  if (server.hasEnded()) throw new Error(`dropbear ended: ${server.log()}`);
  const hostKey = keyIn(said.split('\n').find((line) => line.startsWith('ssh-ed25519')) ?? '');
  return { address: '127.0.0.1', port, user: 'root', hostKey, dir, log: server.log, stop: server.stop };
}
