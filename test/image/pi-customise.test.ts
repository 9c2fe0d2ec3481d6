import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import {
  customisationOf,
  customise,
  supplicantFile,
} from '../../image/os/overlay/pi/usr/lib/reeve-system/customise.mjs';
import { makeDirectory } from '../helpers/directories.ts';

const strictly = (text: string): unknown => parse(text, { maxAliasCount: 0, prettyErrors: false });
const KEY = `ssh-ed25519 ${'A'.repeat(68)} me@laptop`;
const psk = () => 'f'.repeat(64);

/** As Raspberry Pi Imager writes them for a system whose `init_format` is cloudinit. */
const USER_DATA = `#cloud-config
hostname: Attic
manage_etc_hosts: true
apt:
  conf: |
    Acquire { Check-Date "false"; };
timezone: Europe/Zurich
keyboard:
  model: pc105
  layout: "ch"
users:
- name: anna
  groups: users,adm,sudo
  shell: /bin/bash
  lock_passwd: true
  ssh_authorized_keys:
    - ${KEY}
  sudo: ALL=(ALL) NOPASSWD:ALL
enable_ssh: true
ssh_pwauth: false
runcmd:
- [ systemctl, enable, --now, ssh ]
`;
const NETWORK = `network:
  version: 2
  wifis:
    wlan0:
      dhcp4: true
      regulatory-domain: "CH"
      access-points:
        "Attic \\"5\\" Übersee":
          password: "correct horse"
        "Guests":
          hidden: true
      optional: true
`;
const of = (userData?: string, networkConfig?: string) => customisationOf({ userData, networkConfig }, strictly);

describe('what Raspberry Pi Imager was told', () => {
  it('is taken: name, keys, time zone, Wi-Fi with its country', () => {
    expect(of(USER_DATA, NETWORK)).toMatchObject({
      ...{ hostname: 'attic', timeZone: 'Europe/Zurich', keys: [KEY], country: 'CH', said: [] },
      networks: [
        { secret: 'correct horse', isHidden: false },
        { secret: '', isHidden: true },
      ],
    });
  });

  it('is taken without the outer word too, and where there is only one file, or none', () => {
    expect(of(undefined, NETWORK.replace('network:\n', '').replaceAll(/^ {2}/gm, '')).networks).toHaveLength(2);
    expect(of(USER_DATA).networks).toEqual([]);
    expect(of()).toMatchObject({ hostname: undefined, keys: [], networks: [], said: [] });
  });

  it('becomes a file for wpa_supplicant in which no name or password can be a line of its own', () => {
    const text = supplicantFile(of(undefined, NETWORK), psk);
    const [first, second] = text.split('network={').slice(1);
    expect(first).toContain(`ssid=${Buffer.from('Attic "5" Übersee').toString('hex')}\n`);
    expect(first).toContain(`psk=${'f'.repeat(64)}\n`);
    expect(second).toContain('scan_ssid=1');
    expect(second).toContain('key_mgmt=NONE');
    expect(text).toMatch(/^update_config=0\ncountry=CH\n/);
    expect(text).not.toContain('correct horse');
  });

  it('whose password is that of WPA’s own paper becomes the key that stands there', async () => {
    const [boot, kept, orders] = [makeDirectory(), makeDirectory(), makeDirectory()];
    writeFileSync(path.join(boot, 'network-config'), 'wifis: {wlan0: {access-points: {IEEE: {password: password}}}}');
    await customise({ boot, kept, orders }, strictly);
    // IEEE 802.11i-2004, H.4.1, test case 1.
    const key = 'f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e';
    expect(readFileSync(path.join(kept, 'wifi.conf'), 'utf8')).toContain(`psk=${key}`);
    expect(statSync(path.join(kept, 'wifi.conf')).mode & 0o777).toBe(0o600);
  });
});

describe('what is not as it should be', () => {
  const hostile: [string, string | undefined, string | undefined, RegExp][] = [
    ['a name that is a command', 'hostname: "$(reboot)"', undefined, /hostname has to be/],
    ['a name of many letters', `hostname: ${'a'.repeat(64)}`, undefined, /hostname has to be/],
    ['a name that is no text', 'hostname: {a: 1}', undefined, /hostname has to be/],
    ['a time zone that is a path', 'timezone: ../../etc/shadow', undefined, /timezone is none/],
    ['a time zone that nobody knows', 'timezone: Middle/Earth', undefined, /timezone is none/],
    [
      'a key with a command before it',
      `ssh_authorized_keys: ['command="reboot" ${KEY}']`,
      undefined,
      /1 of 1 SSH keys/,
    ],
    ['a key with a second line', `ssh_authorized_keys: ["${KEY}\\nssh-rsa AAAA"]`, undefined, /1 of 1 SSH keys/],
    [
      'a password with a line break',
      undefined,
      'wifis: {w: {access-points: {a: {password: "12345678\\n}"}}}}',
      /plain signs/,
    ],
    ['a password that is too short', undefined, 'wifis: {w: {access-points: {a: {password: short}}}}', /plain signs/],
    ['a network of 33 bytes', undefined, `wifis: {w: {access-points: {"${'ü'.repeat(17)}": {}}}}`, /1 to 32 bytes/],
    ['what is no YAML', '{[', undefined, /is not YAML/],
    ['what is no map', '- a', undefined, /holds no settings/],
    ['a bomb of aliases', 'a: &a [1]\nb: [*a, *a]', undefined, /is not YAML/],
    ['more than 64 KiB', `hostname: attic\n#${'x'.repeat(70_000)}`, undefined, /more than 65536 bytes/],
  ];
  it.each(hostile)('is left out and said: %s', (_, userData, networkConfig, what) => {
    const found = of(userData, networkConfig);
    expect(found).toMatchObject({ hostname: undefined, timeZone: undefined, keys: [], networks: [] });
    expect(found.said.join('\n')).toMatch(what);
  });

  it('does not take the rest with it', () => {
    const found = of(`${USER_DATA}ssh_authorized_keys: [nothing]\n`.replace('hostname: Attic', 'hostname: -attic'));
    expect(found).toMatchObject({ hostname: undefined, keys: [KEY], timeZone: 'Europe/Zurich' });
    expect(found.said).toHaveLength(2);
  });

  it('cut off anywhere never throws, and never gives a key that is not whole', () => {
    for (let end = 0; end < USER_DATA.length; end += 11) {
      const { keys, hostname } = of(USER_DATA.slice(0, end));
      expect(keys.every((key: string) => key.startsWith('ssh-ed25519 AAAA'))).toBe(true);
      expect(hostname === undefined || 'attic'.startsWith(hostname)).toBe(true);
    }
    for (let end = 0; end < NETWORK.length; end += 13) expect(() => of(undefined, NETWORK.slice(0, end))).not.toThrow();
  });
});

test('is taken once, as orders to the system, and again when it was changed', async () => {
  const [boot, kept, orders] = [makeDirectory(), makeDirectory(), makeDirectory()];
  const read = (name: string) => readFileSync(path.join(orders, name), 'utf8');
  writeFileSync(path.join(boot, 'user-data'), USER_DATA);
  expect(await customise({ boot, kept, orders }, strictly)).toEqual(['taken: name, time zone, SSH keys']);
  expect(JSON.parse(read('ssh.json'))).toEqual({ enabled: true, keys: [KEY] });
  expect(read('hostname')).toBe('attic\n');
  expect(readFileSync(path.join(kept, 'environment'), 'utf8')).toBe('TZ=Europe/Zurich\n');
  writeFileSync(path.join(orders, 'hostname'), 'cellar\n');
  expect(await customise({ boot, kept, orders }, strictly)).toEqual([]);
  expect(read('hostname')).toBe('cellar\n');
  writeFileSync(path.join(boot, 'user-data'), 'hostname: roof\n');
  expect(await customise({ boot, kept, orders }, strictly)).toEqual(['taken: name']);
  expect(read('hostname')).toBe('roof\n');
});

test('is never written through a link that somebody without rights has laid', async () => {
  const [boot, kept, orders] = [makeDirectory(), makeDirectory(), makeDirectory()];
  const target = path.join(makeDirectory(), 'shadow');
  writeFileSync(target, 'as it was');
  for (const name of ['hostname.new', 'ssh.json']) symlinkSync(target, path.join(orders, name));
  writeFileSync(path.join(boot, 'user-data'), USER_DATA);
  await customise({ boot, kept, orders }, strictly);
  expect(readFileSync(target, 'utf8')).toBe('as it was');
});

describe('the slots of a Raspberry Pi', () => {
  const board = path.resolve('image/os/overlay/pi/usr/lib/reeve-system/board');
  /** A boot partition and the parts of a disk as files; `run` starts the script as on a machine that runs `slot`. */
  function machine() {
    const [boot, parts] = [makeDirectory(), makeDirectory()];
    const env = {
      PATH: process.env.PATH,
      REEVE_BOOT: boot,
      REEVE_PARTS: parts,
    };
    const start = 'ORDER=A B\nA_OK=1\nA_TRIAL=\nA_VERSION=1.0.0\nB_OK=0\nB_TRIAL=\nB_VERSION=\n';
    writeFileSync(path.join(boot, 'slots.env'), start);
    mkdirSync(path.join(boot, 'lines'));
    const run = (slot: string, id: string, ...words: string[]) => {
      const line = path.join(boot, 'lines', slot);
      writeFileSync(line, `ro reeve.slot=${slot} reeve.rootpart=5`);
      return execFileSync(board, words, {
        env: { ...env, REEVE_BOOT_ID: id, REEVE_CMDLINE: line },
        ...(words[0] === 'write' ? { input: 'new bytes' } : { stdio: ['ignore', 'pipe', 'inherit'] as const }),
        encoding: 'utf8',
      }).trim();
    };
    const trial = (id: string) => {
      const file = path.join(boot, 'slots.env');
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace('B_TRIAL=', `B_TRIAL=${id}`).replace('B_VERSION=', 'B_VERSION=1.1.0'),
      );
    };
    return { boot, parts, run, trial };
  }

  it('are first A, alone', () => {
    const { run } = machine();
    expect([run('A', '1', 'state', 'A'), run('A', '1', 'state', 'B'), run('A', '1', 'returned', 'A')]).toEqual([
      'good 1.0.0',
      'empty',
      '',
    ]);
    expect(run('A', '1', 'files')).toBe('root.squashfs boot.fat');
  });

  it('are written where the other one lies, and can be read again', () => {
    const { run, parts } = machine();
    run('A', '1', 'begin', 'B');
    run('A', '1', 'write', 'B', 'root.squashfs');
    run('A', '1', 'write', 'B', 'boot.fat');
    expect([readFileSync(path.join(parts, '6'), 'utf8'), readFileSync(path.join(parts, '3'), 'utf8')]).toEqual([
      'new bytes',
      'new bytes',
    ]);
    expect(run('A', '1', 'check', 'B', 'root.squashfs', '3')).toBe('new');
    expect(existsSync(path.join(parts, '5'))).toBe(false);
  });

  it('on trial are good once they say so, and first from then on', () => {
    const { run, trial, boot } = machine();
    trial('1');
    expect(run('A', '1', 'state', 'B')).toBe('trying 1.1.0');
    expect(run('B', '2', 'state', 'B')).toBe('trying 1.1.0');
    run('B', '2', 'good', 'B');
    expect(run('B', '2', 'state', 'B')).toBe('good 1.1.0');
    expect(run('A', '3', 'returned', 'A')).toBe('');
    expect(readFileSync(path.join(boot, 'autoboot.txt'), 'utf8')).toBe(
      '[all]\ntryboot_a_b=1\nboot_partition=3\n[tryboot]\nboot_partition=2\n',
    );
  });

  it('on trial that did not come up are bad, and the machine says what it went back from', () => {
    const { run, trial } = machine();
    trial('1');
    expect([run('A', '2', 'state', 'B'), run('A', '2', 'returned', 'A')]).toEqual(['bad 1.1.0', '1.1.0']);
    run('A', '2', 'begin', 'B');
    expect([run('A', '2', 'state', 'B'), run('A', '2', 'returned', 'A')]).toEqual(['empty', '']);
  });
});
