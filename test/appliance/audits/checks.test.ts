import { describe, expect, test } from 'vitest';
import { checks } from '../../../appliance/audits/checks/index.ts';
import type { Facts } from '../../../appliance/audits/facts.ts';
import { parseFacts } from '../../../appliance/audits/parse.ts';
import { DAY_MS } from '../../../appliance/spans.ts';

const NOW = Date.UTC(2026, 10, 1);
const SECONDS = NOW / 1_000;

/** Lines of sections, as hosts say them. */
type Said = Record<string, string>;

const systemOf = (kernel = '6.1.0-18-amd64', uid = 0, seconds = SECONDS): string =>
  ['Linux', kernel, 'x86_64', 'nas', uid, seconds, '3600.5 7000.1', '0.10 0.20 0.30 1/200 4242'].join('\n');

interface Case {
  good: Said;
  bad: Said;
  /** What stands in the evidence of the bad one. */
  says: string;
  severity?: string;
  /** Of the audit before, for both. */
  before?: Said;
  /** Where nothing can be said; a host that says nothing, else. */
  unknown?: Said;
}

const DSS = 'AAAAB3NzaC1kc3MAAACBAP';
const ED = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const passwd = 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash';
const ssLine = (address: string, port: number, name: string): string =>
  `tcp   LISTEN 0      128          ${address}:${port}        0.0.0.0:*    users:(("${name}",pid=1,fd=3))`;
const HEAD = 'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process';
const df = (used: number): string =>
  `Filesystem     1024-blocks     Used Available Capacity Mounted on\n/dev/sda1         100000000 ${used}000000  1000000      ${used}% /srv`;

const CASES: Record<string, Case> = {
  'security-updates': {
    good: { updates: `apt\nlists ${SECONDS}\nInst tzdata [2026a] (2026b Debian:12/stable [all])` },
    bad: { updates: `apt\nlists ${SECONDS}\nInst openssl [3.0.1] (3.0.2 Debian-Security:12/stable-security [amd64])` },
    says: 'openssl 3.0.2',
  },
  'package-lists': {
    good: { system: systemOf(), updates: `apt\nlists ${SECONDS - 86_400}` },
    bad: { system: systemOf(), updates: `apt\nlists ${SECONDS - 30 * 86_400}` },
    says: '30 days ago',
  },
  'reboot-required': {
    good: {
      system: systemOf(),
      reboot:
        'kernel /boot/vmlinuz-6.1.0-17-amd64\nkernel /boot/vmlinuz-6.1.0-18-amd64\nkernel /lib/modules/6.1.0-18-cloud',
    },
    bad: { system: systemOf(), reboot: 'kernel /boot/vmlinuz-6.1.0-21-amd64' },
    says: '6.1.0-21-amd64',
  },
  'end-of-life': {
    good: { os: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"' },
    bad: { os: 'PRETTY_NAME="Ubuntu 18.04.6 LTS"\nID=ubuntu\nVERSION_ID="18.04"' },
    says: '2023-05-31',
    unknown: { os: 'NAME=Unheard\nID=unheard\nVERSION_ID=1' },
  },
  'open-ports': {
    good: { ports: `${HEAD}\n${ssLine('127.0.0.1', 5432, 'postgres')}` },
    bad: { ports: `${HEAD}\n${ssLine('0.0.0.0', 6379, 'redis')}\n${ssLine('0.0.0.0', 22, 'sshd')}` },
    says: '6379 redis (Redis)',
    severity: 'high',
  },
  'new-ports': {
    before: { ports: `${HEAD}\n${ssLine('0.0.0.0', 22, 'sshd')}` },
    good: { ports: `${HEAD}\n${ssLine('*', 22, 'sshd')}\n${ssLine('127.0.0.1', 631, 'cupsd')}` },
    bad: { ports: `${HEAD}\n${ssLine('0.0.0.0', 22, 'sshd')}\n${ssLine('0.0.0.0', 4444, 'nc')}` },
    says: '4444 nc',
  },
  'insecure-services': {
    good: { ports: `${HEAD}\n${ssLine('127.0.0.1', 21, 'vsftpd')}\nudp UNCONN 0 0 0.0.0.0:514 0.0.0.0:*` },
    bad: { ports: 'tcp        0      0 0.0.0.0:23            0.0.0.0:*               LISTEN      321/telnetd' },
    says: 'Telnet',
  },
  firewall: {
    good: {
      firewall:
        'readable\nnft\ntable inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n}',
    },
    bad: {
      firewall:
        'readable\nnft\ntable inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}\niptables\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT',
    },
    says: 'no rule',
    unknown: { firewall: 'unit ufw inactive' },
  },
  'ssh-root-login': {
    good: { sshd: 'effective\npermitrootlogin without-password' },
    bad: { sshd: 'configured\nPermitRootLogin yes\nMatch User x\nPermitRootLogin no' },
    says: 'PermitRootLogin yes',
  },
  'ssh-passwords': {
    good: { sshd: 'configured\nPasswordAuthentication no' },
    bad: { sshd: 'effective\npasswordauthentication no\nusepam yes\nkbdinteractiveauthentication yes' },
    says: 'KbdInteractiveAuthentication yes',
  },
  'empty-passwords': {
    good: { passwords: 'readable\nroot:strong\nguest:locked' },
    bad: { users: passwd, passwords: 'readable\nroot:strong\nalice:empty' },
    says: 'alice',
  },
  'weak-hashes': {
    good: { passwords: 'readable\nroot:strong\nbin:locked' },
    bad: { passwords: 'readable\nroot:md5\nold:des' },
    says: 'MD5',
  },
  'second-root': {
    good: { users: passwd },
    bad: { users: `${passwd}\nsupport:x:0:0::/root:/bin/sh` },
    says: 'support',
  },
  'sudo-without-password': {
    good: { sudo: 'readable\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL' },
    bad: { sudo: 'readable\nalice   ALL=(ALL)  NOPASSWD: ALL' },
    says: 'alice',
    severity: 'medium',
  },
  'ssh-weak-keys': {
    good: { keys: `alice ssh-ed25519 ${ED} alice@desk` },
    bad: { keys: `alice from="10.0.0.0/8" ssh-dss ${DSS} old@desk` },
    says: 'DSA key old@desk',
  },
  'new-ssh-keys': {
    before: { keys: `alice ssh-ed25519 ${ED} alice@desk` },
    good: { keys: `alice ssh-ed25519 ${ED} renamed` },
    bad: { keys: `alice ssh-ed25519 ${ED} alice@desk\nroot ssh-ed25519 ${ED.slice(0, -4)}AAAA stranger` },
    says: 'stranger',
  },
  'ssh-algorithms': {
    good: {
      sshd: 'effective\nciphers chacha20-poly1305@openssh.com,aes128-ctr\nmacs hmac-sha1,hmac-sha2-256',
      'sshd-version': 'OpenSSH_9.2p1 Debian-2',
    },
    bad: {
      sshd: 'effective\nciphers aes128-ctr,aes128-cbc,3des-cbc\nhostkeyalgorithms ssh-ed25519,ssh-rsa',
      'sshd-version': 'OpenSSH_7.4p1, OpenSSL 1.0.2k',
    },
    says: 'aes128-cbc, 3des-cbc',
  },
  'file-modes': {
    good: {
      files:
        '-rw-r--r-- 1 0 0 1000 Jan  1 00:00 /etc/passwd\n-rw-r----- 1 0 42 900 Jan  1 00:00 /etc/shadow\ndrwxrwxrwt 9 0 0 4096 Jan  1 00:00 /tmp',
    },
    bad: { files: '-rw-rw-rw- 1 0 0 1000 Jan  1 00:00 /etc/passwd\n-rw-r--r-- 1 0 42 900 Jan  1 00:00 /etc/shadow' },
    says: '/etc/shadow may be read by anybody',
  },
  'full-disks': {
    good: { disks: `${df(50)}\n/dev/loop3 10 10 0 100% /snap/core` },
    bad: { disks: df(93) },
    says: '/srv is 93 % full',
  },
  'failed-services': {
    good: { services: 'systemd\nssh.service loaded active running OpenBSD Secure Shell server' },
    bad: { services: 'systemd\n\u25cf backup.service loaded failed failed Nightly backup' },
    says: 'backup',
    unknown: { services: 'init\ncron\nsshd' },
  },
  clock: {
    good: { system: systemOf(), time: 'NTP=yes\nNTPSynchronized=yes' },
    bad: { system: systemOf('6.1', 0, SECONDS + 600), time: 'NTPSynchronized=yes' },
    says: '10 min ahead',
    severity: 'high',
  },
  'unattended-updates': {
    good: { unattended: 'APT::Periodic "";\nAPT::Periodic::Unattended-Upgrade "1";' },
    bad: {
      unattended: 'APT::Periodic "";\nAPT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "0";',
    },
    says: 'Nothing',
  },
  containers: {
    good: {
      containers:
        'socket /var/run/docker.sock srw-rw----\ncontainer abc|nginx|web|127.0.0.1:80->80/tcp|Up\ninspect /web|false|bridge|/srv/web ',
    },
    bad: {
      containers:
        'container abc|portainer|admin|0.0.0.0:9000->9000/tcp|Up\ninspect /admin|false|bridge|/var/run/docker.sock ',
    },
    says: 'admin has the socket of Docker',
  },
  'network-settings': {
    good: { sysctl: 'net.ipv4.ip_forward=1\nnet.ipv4.conf.all.accept_redirects=1', groups: 'docker:x:999:' },
    bad: { sysctl: 'net.ipv4.ip_forward=0\nnet.ipv4.conf.all.accept_source_route=1' },
    says: 'accept_source_route = 1',
  },
  'kernel-settings': {
    good: { sysctl: 'kernel.randomize_va_space=2\nfs.suid_dumpable=2\nkernel.unprivileged_bpf_disabled=2' },
    bad: { sysctl: 'kernel.randomize_va_space=0' },
    says: 'kernel.randomize_va_space = 0, better 2',
  },
  'cpu-vulnerabilities': {
    good: { 'cpu-bugs': 'meltdown=Not affected\nspectre_v2=Mitigation: Retpolines' },
    bad: { 'cpu-bugs': 'mds=Vulnerable: Clear CPU buffers attempted, no microcode' },
    says: 'mds: Vulnerable',
  },
  'changed-accounts': {
    before: { system: systemOf(), users: passwd, groups: 'sudo:x:27:alice', timers: 'timer apt-daily.timer' },
    good: { system: systemOf(), users: passwd, groups: 'sudo:x:27:alice', timers: 'timer apt-daily.timer enabled' },
    bad: {
      system: systemOf(),
      users: `${passwd}\nmallory:x:1001:1001::/home/m:/bin/sh`,
      groups: 'sudo:x:27:alice,mallory',
      timers: 'cron /etc/cron.d/x',
    },
    says: 'mallory in sudo',
  },
  'failed-logins': {
    good: { logins: 'failed 3' },
    bad: { logins: 'failed 812\nlast alice pts/0 10.0.0.2' },
    says: '812',
    severity: 'high',
    unknown: { logins: 'failed none' },
  },
  logging: {
    good: { processes: '1 0 root 0.0 0.1 1000 10:00 init', logging: 'rsyslogd' },
    bad: { processes: '1 0 root 0.0 0.1 1000 10:00 init', logging: '' },
    says: 'No log daemon',
  },
  'disk-health': {
    good: {
      smart:
        'disk /dev/sda\nSMART overall-health self-assessment test result: PASSED\n  5 Reallocated_Sector_Ct   0x0033   100   100   010    Pre-fail  Always       -       0',
    },
    bad: {
      smart:
        'disk /dev/sda\nSMART overall-health self-assessment test result: FAILED!\n197 Current_Pending_Sector  0x0012   100   100   000    Old_age   Always       -       8',
    },
    says: 'FAILED',
    severity: 'critical',
  },
};

const factsOf = (said: Said): Facts =>
  parseFacts(new Map(Object.entries(said).map(([id, text]) => [id, text.split('\n').filter((line) => line !== '')])));

describe('each check', () => {
  test('has a case here, and at least 25 there are', () => {
    expect(Object.keys(CASES).sort()).toEqual(checks.map(({ id }) => id).sort());
    expect(checks.length).toBeGreaterThanOrEqual(25);
  });

  for (const check of checks) {
    const { good = {}, bad = {}, says = '', severity = check.severity, before, unknown = {} } = CASES[check.id] ?? {};
    const context = { now: NOW, ...(before && { previous: factsOf(before) }) };
    test(`${check.id} finds what is wrong, with evidence and what to do, and nothing where all is well`, () => {
      expect(check.judge(factsOf(good), context)).toEqual({ state: 'ok' });
      const verdict = check.judge(factsOf(bad), context);
      if (verdict.state !== 'found') throw new Error(JSON.stringify(verdict));
      expect(verdict.evidence.join('\n')).toContain(says);
      expect(verdict.severity ?? check.severity).toBe(severity);
      expect(verdict.remedy.length).toBeGreaterThan(10);
    });
    test(`${check.id} says why, where a host does not tell`, () => {
      const verdict = check.judge(factsOf(unknown), { now: NOW });
      expect(verdict).toMatchObject({ state: 'unknown', why: expect.stringMatching(/\w{3}/) });
    });
  }

  test('that compares says so at the first audit', () => {
    for (const id of ['new-ports', 'new-ssh-keys', 'changed-accounts']) {
      const check = checks.find((each) => each.id === id);
      expect(check?.judge(factsOf(CASES[id]?.bad ?? {}), { now: NOW })).toMatchObject({ state: 'unknown' });
    }
  });

  test('survives whatever a host says', () => {
    const nonsense = [
      '',
      '\u0000',
      '-1',
      '='.repeat(5_000),
      '0 '.repeat(2_000),
      '{}',
      'readable',
      'apt',
      'systemd',
      '::::::',
    ];
    const ids = Object.values(CASES).flatMap(({ bad }) => Object.keys(bad));
    for (const line of nonsense) {
      const facts = factsOf(
        Object.fromEntries([...ids, 'system', 'os', 'memory'].map((id) => [id, `${line}\n${line}\n${line}`])),
      );
      for (const check of checks) expect(() => check.judge(facts, { now: NOW, previous: facts })).not.toThrow();
    }
  });

  test('that knows a date warns three months before', () => {
    const check = checks.find(({ id }) => id === 'end-of-life');
    const facts = factsOf({ os: 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_ID="12"' });
    expect(check?.judge(facts, { now: Date.UTC(2028, 5, 30) - 30 * DAY_MS })).toMatchObject({ severity: 'medium' });
    expect(check?.judge(facts, { now: Date.UTC(2028, 6, 2) })).toMatchObject({
      state: 'found',
      evidence: [expect.stringContaining('ended')],
    });
  });
});
