// Root's half of what the appliance orders by files (all but updates): SSH, the host name, restart, power off. A factory reset is done by the
// initramfs when the machine starts anew. What is read here was written by somebody without rights, so every word of it is checked.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { placesOf, writeWhole } from './update.mjs';

const MOST_BYTES = 65_536;
const HOST_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const KEY =
  /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{40,4000}={0,3}( [^\r\n]{0,200})?$/;

/** Text of a plain file of at most 64 KiB, or nothing: never of what a link points to. */
export function orderIn(folder, name) {
  let handle;
  try {
    handle = openSync(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(handle);
    return stat.isFile() && stat.size <= MOST_BYTES ? readFileSync(handle, 'utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Never goes into a folder: its owner could put a link in the place of one while root removes what is in it. */
export function takeAway(folder, name) {
  const path = join(folder, name);
  try {
    if (lstatSync(path).isDirectory()) rmdirSync(path);
    else unlinkSync(path);
  } catch (error) {
    if (error.code !== 'ENOENT') process.stderr.write(`${path} stays: ${error.message}\n`);
  }
}

/** `{ enabled, keys }`; what is not said in full is off. */
export function sshFrom(text) {
  try {
    const { enabled, keys } = JSON.parse(text ?? '');
    const good = Array.isArray(keys) ? keys.filter((key) => typeof key === 'string' && KEY.test(key.trim())) : [];
    return { enabled: enabled === true && good.length > 0, keys: good.slice(0, 64).map((key) => key.trim()) };
  } catch {
    return { enabled: false, keys: [] };
  }
}

/** A host name as it may be set, or nothing. */
export function hostNameFrom(text) {
  const name = (text ?? '').trim().toLowerCase();
  return HOST_NAME.test(name) ? name : undefined;
}

const run = (line) => spawnSync('sh', ['-ec', line], { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;

function applySsh({ enabled, keys }) {
  run('nft flush chain inet reeve chosen');
  if (!enabled) return run('rm -f /run/reeve-admin/authorized_keys; systemctl stop ssh.service');
  mkdirSync('/run/reeve-admin', { recursive: true, mode: 0o755 });
  writeFileSync('/run/reeve-admin/authorized_keys', `${keys.join('\n')}\n`, { mode: 0o644 });
  run(
    'key=/data/system/ssh/ssh_host_ed25519_key; test -s $key || { rm -f $key; ssh-keygen -q -t ed25519 -N "" -C reeve -f $key; sync; }',
  );
  run('nft add rule inet reeve chosen tcp dport 22 accept');
  return run('systemctl restart ssh.service');
}

function applyHostName(name) {
  writeWhole('/data/system/hostname', `${name}\n`);
  writeFileSync('/etc/hostname', `${name}\n`);
  const hosts = readFileSync('/etc/hosts', 'utf8').replace(/^127\.0\.1\.1 .*$/m, `127.0.1.1 ${name}`);
  writeFileSync('/etc/hosts', hosts);
  run(
    `sync; hostname ${name}; networkctl reload; systemctl try-restart avahi-daemon.service; systemctl try-restart reeve-network.service`,
  );
}

/** Does all orders that are there. */
export function doOrders({ orders }) {
  const name = hostNameFrom(orderIn(orders, 'hostname'));
  takeAway(orders, 'hostname');
  if (name) applyHostName(name);
  takeAway(orders, 'ssh');
  applySsh(sshFrom(orderIn(orders, 'ssh.json')));
  const [off, again, reset] = ['power-off', 'restart', 'factory-reset'].map(
    (order) => orderIn(orders, order) !== undefined,
  );
  for (const order of ['power-off', 'restart']) takeAway(orders, order);
  if (reset || again) run('sync; systemctl reboot');
  else if (off) run('sync; systemctl poweroff');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) doOrders(placesOf());
