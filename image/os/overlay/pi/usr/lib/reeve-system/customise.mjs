// What Raspberry Pi Imager (and who knows cloud-init) wrote to the boot partition: user-data and network-config. Of these only the host's name,
// keys for SSH, Wi-Fi and the time zone are taken; nothing is run. Whatever is not as it should be is left out and said, never half taken. The
// files stay where they are, so that a factory reset finds them again.
import { createHash, pbkdf2Sync } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MOST_BYTES = 65_536;
const MOST_KEYS = 20;
const MOST_NETWORKS = 10;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const KEY =
  /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{40,2000}={0,2}(?: [ -~]{0,200})?$/;
const ZONE = /^[A-Za-z][A-Za-z0-9_+-]{0,40}(?:\/[A-Za-z0-9_+-]{1,40}){0,2}$/;

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const mapOf = (value) => (isMap(value) ? value : {});
const listOf = (value) => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

/** A file of the boot partition as a map; a reason where it is none. `parse` is YAML's, without aliases. */
function mapIn(text, { name, parse, said }) {
  if (text === undefined) return {};
  if (Buffer.byteLength(text) > MOST_BYTES) {
    said.push(`${name} has more than ${MOST_BYTES} bytes: nothing of it is taken`);
    return {};
  }
  try {
    const value = parse(text);
    if (isMap(value)) return value;
    said.push(`${name} holds no settings`);
  } catch {
    said.push(`${name} is not YAML: nothing of it is taken`);
  }
  return {};
}

function keysOf(settings, said) {
  const users = listOf(settings.users).slice(0, MOST_KEYS).map(mapOf);
  const found = [settings, ...users].flatMap((each) => listOf(each.ssh_authorized_keys).slice(0, MOST_KEYS + 1));
  const keys = [...new Set(found.map((key) => (typeof key === 'string' ? key.trim() : '')))];
  const good = keys.filter((key) => KEY.test(key));
  if (good.length < keys.length)
    said.push(`${keys.length - good.length} of ${keys.length} SSH keys are none and are left out`);
  if (good.length > MOST_KEYS) said.push(`more than ${MOST_KEYS} SSH keys: only the first are taken`);
  return good.slice(0, MOST_KEYS);
}

/** Printable, and what WPA allows: 8 to 63 signs, or the 64 hexadecimal digits that come of them. */
const isSecret = (text) => /^[ -~]{8,63}$/.test(text) || /^[0-9a-f]{64}$/i.test(text);

function networkOf([name, about], said) {
  const bytes = Buffer.from(name);
  const given = mapOf(about);
  const secret = given.password ?? mapOf(given.auth).password;
  const shown = JSON.stringify(name.slice(0, 32));
  if (bytes.length < 1 || bytes.length > 32) said.push(`Wi-Fi ${shown}: its name has to have 1 to 32 bytes`);
  else if (secret !== undefined && secret !== null && !isSecret(String(secret)))
    said.push(`Wi-Fi ${shown}: its password has to have 8 to 63 plain signs`);
  else
    return {
      ssid: bytes.toString('hex'),
      name: bytes,
      secret: secret === undefined || secret === null ? '' : String(secret),
      isHidden: given.hidden === true,
    };
  return undefined;
}

function wifiOf(config, said) {
  const wifis = mapOf(mapOf(config.network ?? config).wifis);
  const cards = Object.values(wifis).filter(isMap);
  const networks = cards
    .flatMap((card) => Object.entries(mapOf(card['access-points'])))
    .slice(0, MOST_NETWORKS)
    .flatMap((entry) => networkOf(entry, said) ?? []);
  const country = cards
    .map((card) => card['regulatory-domain'])
    .find((code) => typeof code === 'string' && /^[A-Z]{2}$/.test(code));
  return { networks, country };
}

/** What is taken of the two files (undefined where one is missing), and in `said` what is not and why. Never throws. */
export function customisationOf({ userData, networkConfig }, parse) {
  const said = [];
  const settings = mapIn(userData, { name: 'user-data', parse, said });
  const config = mapIn(networkConfig, { name: 'network-config', parse, said });
  const own = { hostname: undefined, timeZone: undefined, keys: keysOf(settings, said), ...wifiOf(config, said) };
  if (settings.hostname !== undefined) {
    if (typeof settings.hostname === 'string' && NAME.test(settings.hostname))
      own.hostname = settings.hostname.toLowerCase();
    else said.push('hostname has to be 1 to 63 letters, digits and hyphens');
  }
  if (settings.timezone !== undefined) {
    if (isZone(settings.timezone)) own.timeZone = settings.timezone;
    else said.push('timezone is none that is known');
  }
  return { ...own, said };
}

function isZone(name) {
  if (typeof name !== 'string' || !ZONE.test(name)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** wpa_supplicant's file: names and passwords as hexadecimal digits, in which nothing can be hidden. */
export function supplicantFile({ networks, country }, pskOf) {
  const network = ({ ssid, name, secret, isHidden }) => {
    const lines = [`ssid=${ssid}`, ...(isHidden ? ['scan_ssid=1'] : [])];
    if (!secret) lines.push('key_mgmt=NONE');
    else
      lines.push(
        'key_mgmt=WPA-PSK WPA-PSK-SHA256',
        `psk=${secret.length === 64 ? secret.toLowerCase() : pskOf(secret, name)}`,
      );
    return `network={\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
  };
  return `update_config=0\n${country ? `country=${country}\n` : ''}${networks.map(network).join('')}`;
}

function put(file, text, { mode = 0o600, owner } = {}) {
  const next = `${file}.new`;
  rmSync(next, { recursive: true, force: true });
  // Never through a link that somebody has laid there.
  const handle = openSync(next, 'wx', mode);
  writeSync(handle, text);
  if (owner) fchownSync(handle, owner.uid, owner.gid);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(next, file);
}

/** Takes what has changed since it was taken last. `folders`: boot, kept (root's), orders (the appliance's). Answers what there is to say. */
export async function customise({ boot, kept, orders }, parse) {
  const read = (name) => {
    const file = join(boot, name);
    if (!existsSync(file)) return undefined;
    return statSync(file).size > MOST_BYTES ? 'x'.repeat(MOST_BYTES + 1) : readFileSync(file, 'utf8');
  };
  const files = { userData: read('user-data'), networkConfig: read('network-config') };
  const mark = createHash('sha256').update(JSON.stringify(files)).digest('hex');
  const taken = join(kept, 'customised');
  if (existsSync(taken) && readFileSync(taken, 'utf8') === mark) return [];
  const found = customisationOf(files, parse);
  const pskOf = (secret, name) => pbkdf2Sync(secret, name, 4096, 32, 'sha1').toString('hex');
  mkdirSync(kept, { recursive: true });
  const owner = statSync(orders);
  if (found.networks.length > 0) put(join(kept, 'wifi.conf'), supplicantFile(found, pskOf));
  if (found.timeZone) put(join(kept, 'environment'), `TZ=${found.timeZone}\n`);
  if (found.keys.length > 0)
    put(join(orders, 'ssh.json'), JSON.stringify({ enabled: true, keys: found.keys }), { owner });
  if (found.hostname) put(join(orders, 'hostname'), `${found.hostname}\n`, { owner });
  // Last: a start that was cut short does it again.
  put(taken, mark);
  const told = [
    found.hostname && 'name',
    found.timeZone && 'time zone',
    found.keys.length > 0 && 'SSH keys',
    found.networks.length > 0 && 'Wi-Fi',
  ];
  return [...found.said, `taken: ${told.filter(Boolean).join(', ') || 'nothing'}`];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Put there by image/os/pi.mjs.
  const { parse } = await import('./yaml.mjs');
  const folders = { boot: '/boot', kept: '/data/system', orders: '/var/lib/reeve-system' };
  const strictly = (text) => parse(text, { maxAliasCount: 0, prettyErrors: false });
  for (const line of await customise(folders, strictly)) process.stdout.write(`${line}\n`);
}
