import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFacts } from '../../../appliance/audits/parse.ts';

/** Facts of sections as they came from a host. */
const factsOf = (said: Record<string, string>) =>
  parseFacts(new Map(Object.entries(said).map(([id, text]) => [id, text.split('\n').filter((line) => line !== '')])));
const saved = (file: string): string =>
  readFileSync(path.join(import.meta.dirname, '../../fixtures/systems', file), 'utf8');

// What people showed of their machines in public: handbooks, answers, bug reports. Shortened, not changed.
describe('as it stood in public', () => {
  test('FreeBSD: sockets with their programs, those that do not listen left out', () => {
    const ports = `USER     COMMAND    PID   FD PROTO  LOCAL ADDRESS         FOREIGN ADDRESS
root     sshd       45933 4  tcp4   192.168.5.2:22        192.168.5.4:59217
root     sshd       45933 8  stream (not connected)
root     sshd       815   4  tcp6   *:22                  *:*
unbound  unbound    760   3  udp4   192.168.5.2:53        *:*
root     sendmail   659   3  tcp4   127.0.0.1:25          *:*
root     sendmail   659   4  dgram  -> /var/run/logpriv`;
    expect(factsOf({ ports }).ports).toEqual([
      { protocol: 'tcp', address: '*', port: 22, process: 'sshd' },
      { protocol: 'tcp', address: '127.0.0.1', port: 25, process: 'sendmail' },
      { protocol: 'udp', address: '192.168.5.2', port: 53, process: 'unbound' },
    ]);
  });

  test('FreeBSD: packages that have a newer version, with commas and underscores in it', () => {
    const updates = `pkg
de-libreoffice-6.0.7               <   needs updating (index has 6.2.2)
vlc-3.0.6_8,4           <   needs updating (index has 3.0.6_12,4)
chromium-72.0.3626.121_1           <   needs updating (index has 73.0.3683.103_1)`;
    expect(factsOf({ updates }).updates?.items.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'de-libreoffice 6.2.2',
      'vlc 3.0.6_12,4',
      'chromium 73.0.3683.103_1',
    ]);
  });

  test('macOS: ports that listen, connections and the rest left out', () => {
    const ports = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.12345        127.0.0.1.62965        CLOSE_WAIT
tcp46      0      0  *.12345                *.*                    LISTEN
tcp46      0      0  *.19050                *.*                    LISTEN     `;
    expect(factsOf({ ports }).ports?.map(({ address, port }) => `${address}:${port}`)).toEqual(['*:12345', '*:19050']);
  });

  test('macOS: addresses of its cards', () => {
    expect(factsOf({ addresses: saved('mac/ifconfig') }).addresses).toEqual([
      { name: 'lo0', address: '192.168.0.100' },
      { name: 'en0', address: 'fe80::abcd:1234:5678:ef01' },
      { name: 'en0', address: '192.168.1.100' },
      { name: 'utun0', address: 'fe80::1234:5678:abcd:ef01' },
    ]);
  });

  test('Fedora, RHEL and Amazon Linux: which updates are about security, with epochs and names within names', () => {
    const updates = `dnf
kernel.x86_64    5.14.0-570.el9   baseos
openssl.x86_64   1:3.2.2-6.el9    baseos
bind-libs.x86_64 32:9.8.2-0.17.rc1.el6_4.4 updates
curl.x86_64      7.19.7-36.el6_4 updates
bind.x86_64      32:9.8.2-0.17.rc1.el6_4.4 updates
--security
RHSA-2013:0689 Important/Sec. bind-libs-32:9.8.2-0.17.rc1.el6_4.4.x86_64
RHSA-2013:0771 Moderate/Sec.  curl-7.19.7-36.el6_4.x86_64
RLSA-2025:1 Important/Sec. openssl-1:3.2.2-6.el9.x86_64
ALAS2LIVEPATCH-2021-123   important/Sec. kernel-livepatch-6.1.12-17.42-1.0-4.amzn2023.x86_64`;
    const { items = [] } = factsOf({ updates }).updates ?? {};
    expect(items.length).toBe(5);
    expect(items.flatMap(({ name, isSecurity }) => (isSecurity ? [name] : []))).toEqual([
      'openssl',
      'bind-libs',
      'curl',
    ]);
  });
});

// Nobody here has these machines: the lines were written by hand after the manuals of the programs.
describe('as the manuals say', () => {
  test('DNF 5: the day stands behind the package; what takes the place of others is no update', () => {
    const updates = `dnf
bash.x86_64  5.3-1.fc42  updates
tree.x86_64  2.2.1-1.fc42  updates
Obsoleting Packages
foo.noarch  2-1.fc42  updates
--security
Name              Type     Severity  Package             Issued
FEDORA-2026-1a2b  security Important bash-5.3-1.fc42.x86_64 2026-07-11 01:06:30`;
    expect(factsOf({ updates }).updates?.items).toEqual([
      { name: 'bash', version: '5.3-1.fc42', isSecurity: true },
      { name: 'tree', version: '2.2.1-1.fc42', isSecurity: false },
    ]);
  });

  for (const [name, updates, expected] of [
    [
      'Arch',
      'pacman\nlinux 6.9.1.arch1-1 -> 6.9.2.arch1-1\nfirefox 126.0-1 -> 126.0.1-1 [ignored]',
      ['linux 6.9.2.arch1-1', 'firefox 126.0.1-1'],
    ],
    [
      'Alpine',
      'apk\nInstalled:                                Available:\nbusybox-1.36.1-r4                       < 1.36.1-r5\npy3-3to2-1.0-r0 < 1.0-r1',
      ['busybox 1.36.1-r5', 'py3-3to2 1.0-r1'],
    ],
    [
      'OpenWrt',
      'opkg\nbase-files - 194-r10090 - 195-r10100\nluci-app-nlbwmon - 0-1 - 0-2',
      ['base-files 195-r10100', 'luci-app-nlbwmon 0-2'],
    ],
  ] as const)
    test(`${name}: packages that have a newer version`, () => {
      const { items = [] } = factsOf({ updates }).updates ?? {};
      expect(items.map((item) => `${item.name} ${item.version}`)).toEqual(expected);
    });

  for (const [name, packages, expected] of [
    ['Fedora', 'rpm\nopenssl-libs 3.2.1-2.fc40\ngpg-pubkey a15b79cc-63d04c2c', 'openssl-libs 3.2.1-2.fc40'],
    ['Alpine', 'apk\nbusybox 1.36.1-r5', 'busybox 1.36.1-r5'],
    ['OpenWrt', 'opkg\ndropbear - 2022.82-6', 'dropbear 2022.82-6'],
    ['FreeBSD', 'pkg\nvlc 3.0.6_8,4', 'vlc 3.0.6_8,4'],
    ['macOS', 'brew\nopenssl@3 3.3.0 3.2.1', 'openssl@3 3.3.0'],
    ['Arch', 'pacman\nlinux 6.9.1.arch1-1', 'linux 6.9.1.arch1-1'],
  ] as const)
    test(`${name}: packages that are installed`, () => {
      const [first] = factsOf({ packages }).packages?.items ?? [];
      expect(`${first?.name} ${first?.version}`).toBe(expected);
    });

  test('macOS: system, release, processor, memory and disks', () => {
    const facts = factsOf({
      system:
        'Darwin\n23.4.0\narm64\nmini.local\n501\n1795320000\n{ sec = 1795310000, usec = 12345 } Sun Nov 22 01:20:00 2026\n{ 1.52 1.61 1.70 }',
      os: 'ProductName:\t\tmacOS\nProductVersion:\t\t14.4.1\nBuildVersion:\t\t23E224',
      cpu: '8\nApple M2\nMac14,3',
      memory: 'bytes 17179869184',
      disks:
        'Filesystem     1024-blocks      Used Available Capacity  Mounted on\n/dev/disk3s1s1   239362496   9910084  91224008    10%    /\ndevfs                  205       205         0   100%    /dev',
      inodes:
        'Filesystem 512-blocks Used Available Capacity iused ifree %iused  Mounted on\n/dev/disk3s1s1 478724992 19820168 182448016 10% 404167 912240080 0%   /',
    });
    expect(facts.system).toMatchObject({
      kernelName: 'Darwin',
      isRoot: false,
      upSeconds: 10_000,
      load: [1.52, 1.61, 1.7],
    });
    expect(facts.os).toMatchObject({ name: 'macOS 14.4.1', version: '14.4.1' });
    expect(facts.cpu).toEqual({ model: 'Apple M2', cores: 8 });
    expect(facts.memory?.totalBytes).toBe(17_179_869_184);
    expect(facts.disks?.map(({ mount, used }) => [mount, used])).toEqual([['/', 0.1]]);
  });

  test('OpenRC and init: services and those that crashed', () => {
    const openrc = `openrc\nRunlevel: default\n sshd                  [  started  ]\n crond                 [  crashed  ]`;
    expect(factsOf({ services: openrc }).services?.items).toEqual([
      { name: 'sshd', state: 'started' },
      { name: 'crond', state: 'failed' },
    ]);
    expect(factsOf({ services: 'init\ndropbear\nuhttpd' }).services?.items.map(({ name }) => name)).toEqual([
      'dropbear',
      'uhttpd',
    ]);
  });
});
