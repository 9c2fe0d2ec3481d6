import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeDirectory } from './directories.ts';
import { until } from './until.ts';

/** Starts what a unit names, as its account: all of systemd that an installer asks for. */
const SYSTEMCTL = `#!/bin/sh
unit=/etc/systemd/system/reeve-agent.service
case $1 in
  restart)
    run=$(sed -n 's/^ExecStart=//p' $unit)
    export REEVE_AGENT_STATE=/var/lib/reeve-agent
    setsid setpriv --reuid reeve-agent --regid reeve-agent --init-groups $run >/dev/null 2>&1 </dev/null & ;;
esac
exit 0
`;

/**
 * What this machine is, with folders of its own where an installer writes, and its own processes: /etc, /run, /var/lib, /usr/local. `ada` may
 * use sudo with her password, `bob` may not use it; root signs in with a key.
 */
const BEGIN = `set -e
dir=$1 port=$2
for each in etc local lib; do mkdir -p "$dir/$each"; done
cp -a /etc/. "$dir/etc"
mount --bind "$dir/etc" /etc
mount --bind "$dir/local" /usr/local
mount --bind "$dir/lib" /var/lib
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/systemd/system /run/sudo /etc/systemd/system
mount --bind "$dir/systemctl" /usr/bin/systemctl
for each in ada bob; do useradd --no-create-home --home-dir /tmp --shell /bin/sh "$each" 2>/dev/null; echo "$each:blue gravel 77" | chpasswd; done
echo 'ada ALL=(ALL:ALL) ALL' >/etc/sudoers.d/ada
exec /usr/sbin/sshd -D -e -f "$dir/sshd_config" -p "$port"
`;

export interface SshMachine {
  port: number;
  log(): string;
  stop(): void;
}

/** A machine with a real SSH server, real sudo, and somebody in the place of systemd; `within` is its network. */
export async function startSshMachine(within: readonly string[], authorize: readonly string[]): Promise<SshMachine> {
  const dir = makeDirectory('reeve-ssh-');
  const port = 22;
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(dir, 'host_key')]);
  writeFileSync(path.join(dir, 'systemctl'), SYSTEMCTL, { mode: 0o755 });
  mkdirSync(path.join(dir, 'keys'));
  writeFileSync(path.join(dir, 'keys/root'), `${authorize.join('\n')}\n`, { mode: 0o600 });
  const lines = [
    ...[`HostKey ${dir}/host_key`, 'PidFile none', 'UsePAM no', 'StrictModes no', 'PermitRootLogin yes'],
    ...[`AuthorizedKeysFile ${dir}/keys/%u`, 'PasswordAuthentication yes', 'LogLevel VERBOSE'],
  ];
  writeFileSync(path.join(dir, 'sshd_config'), `${lines.join('\n')}\n`);
  const own = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const [command = '', ...args] = [...within, ...own, 'sh', '-c', BEGIN, 'sh', dir, String(port)];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece));
  await until(() => said.includes('Server listening') || child.exitCode !== null, { what: `sshd listens: ${said}` });
  if (child.exitCode !== null) throw new Error(`the machine did not start: ${said}`);
  return { port, log: () => said, stop: () => void child.kill('SIGKILL') };
}
