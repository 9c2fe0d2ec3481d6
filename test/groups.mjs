// The groups that `npm test` runs, as data. `packages` are Debian's names with a file that shows that each is there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../image/prepare.mjs';
import { TOOLS } from './helpers/command.mjs';

const SSHD = { 'openssh-server': ['/usr/sbin/sshd'] };
const SSH_SERVERS = {
  ...SSHD,
  'dropbear-bin': ['/usr/sbin/dropbear'],
  'busybox-static': ['/usr/bin/busybox', '/bin/busybox'],
};
const POSTGRES = {
  postgresql: [15, 16, 17, 18].map((version) => `/usr/lib/postgresql/${version}/bin/postgres`),
};
const CHROMIUM = { chromium: ['/usr/bin/chromium'] };
const PARTS = {
  ...POSTGRES,
  mosquitto: ['/usr/sbin/mosquitto'],
  prometheus: ['/usr/bin/prometheus'],
  'zbar-tools': ['/usr/bin/zbarimg'],
  'nut-server': ['/lib/nut/upsd', '/usr/lib/nut/upsd'],
  'python3-aiosmtpd': ['/usr/lib/python3/dist-packages/aiosmtpd/smtp.py'],
};
const MACHINE = {
  mmdebstrap: ['/usr/bin/mmdebstrap'],
  'systemd-container': ['/usr/bin/systemd-nspawn'],
  procps: ['/usr/bin/pgrep'],
};
const PACKER = { 'xz-utils': ['/usr/bin/xz'], zstd: ['/usr/bin/zstd'] };
const EMULATORS = {
  'qemu-user-static': ['/usr/bin/qemu-aarch64-static', '/usr/bin/qemu-aarch64'],
  'libc6-arm64-cross': ['/usr/aarch64-linux-gnu/lib/libc.so.6'],
  'libstdc++6-arm64-cross': ['/usr/aarch64-linux-gnu/lib/libstdc++.so.6'],
  wine64: ['/usr/lib/wine/wine64'],
};
const RUNTIME = { crun: ['/usr/bin/crun'], 'util-linux': ['/usr/bin/setpriv'] };
const IMAGE = {
  mmdebstrap: ['/usr/bin/mmdebstrap'],
  'squashfs-tools': ['/usr/bin/mksquashfs'],
  'qemu-system-x86': ['/usr/bin/qemu-system-x86_64'],
  ovmf: ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/ovmf/OVMF.fd'],
  mtools: ['/usr/bin/mcopy'],
  dosfstools: ['/usr/sbin/mkfs.vfat', '/sbin/mkfs.vfat'],
  e2fsprogs: ['/usr/sbin/mkfs.ext4', '/sbin/mkfs.ext4'],
  fdisk: ['/usr/sbin/sfdisk', '/sbin/sfdisk'],
  'grub-pc-bin': ['/usr/lib/grub/i386-pc/boot.img'],
  'grub-efi-amd64-bin': ['/usr/lib/grub/x86_64-efi/fat.mod'],
  'grub-common': ['/usr/bin/grub-mkimage'],
  kmod: ['/usr/sbin/depmod', '/sbin/depmod'],
  cpio: ['/usr/bin/cpio', '/bin/cpio'],
  zstd: ['/usr/bin/zstd'],
  'xz-utils': ['/usr/bin/xz'],
};
const LAN_TOOLS = {
  iproute2: ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'],
  'arp-scan': ['/usr/sbin/arp-scan'],
  'iputils-ping': ['/usr/bin/ping', '/bin/ping'],
  sudo: ['/usr/bin/sudo'],
};
const NAMESPACES = {
  ...LAN_TOOLS,
  dbus: ['/usr/bin/dbus-daemon'],
  'avahi-daemon': ['/usr/sbin/avahi-daemon'],
  'avahi-utils': ['/usr/bin/avahi-browse'],
  nftables: ['/usr/sbin/nft', '/sbin/nft'],
};

/** Put before a command, it has namespaces to itself in which it is root; they end with it. For machines where we are not root. */
const AS_ROOT_INSIDE = [
  ...['unshare', '--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child'],
  ...[
    'bash',
    '-c',
    'mount -t tmpfs none /run && mkdir /run/netns && mount -t proc proc /proc && ip link set lo up && exec "$@"',
    'inside',
  ],
];
const isRoot = process.getuid?.() === 0;

/** A reason why this machine cannot make network namespaces, or nothing. */
function withoutNamespaces() {
  const name = `reeve-probe-${process.pid}`;
  const [file, ...parameters] = [...(isRoot ? [] : AS_ROOT_INSIDE), 'ip', 'netns', 'add', name];
  if (spawnSync(file, parameters).status !== 0)
    return 'this machine does not let it make network namespaces; it needs root, or unprivileged user namespaces';
  if (isRoot) spawnSync('ip', ['netns', 'delete', name]);
  return undefined;
}

/** A reason why this machine cannot boot another one inside, or nothing. */
function withoutMachines() {
  if (!isRoot) return 'only root can boot a machine';
  const view = 'mount --make-rprivate / && umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup';
  if (spawnSync('unshare', ['--mount', 'bash', '-c', view]).status === 0) return undefined;
  return 'this machine gives no control groups, without which systemd does not boot';
}

/** A reason why nobody in particular can start a container here, or nothing. */
function withoutContainers() {
  if (!isRoot) return 'only root can give a runtime that is not root a view of control groups';
  const as = [
    'setpriv',
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    'unshare',
    '--user',
    '--pid',
    '--fork',
    'true',
  ];
  if (spawnSync(as[0], as.slice(1)).status !== 0) return 'this machine lets nobody but root make user namespaces';
  return withoutMachines();
}

/** A reason why no image can be made here, or nothing. */
function withoutImages() {
  if (!isRoot) return 'only root can make an image';
  return process.arch === 'x64' ? undefined : 'the image that is started is for amd64';
}

/** The rest of the executables is made and checked by `npm run build:executables`. */
function withoutExecutables() {
  const here = `${process.platform}-${process.arch}`;
  return here === 'linux-x64' ? undefined : `the executable that is tried is for linux-x64, and this is ${here}`;
}

/**
 * `kind` says how the group is run; `reason` gives, after its packages are there, why it cannot run here all the same. A group with
 * `onlyWhenNamed` fetches or takes more than each run of all should: it is run by `npm test -- GROUP`.
 */
export const GROUPS = [
  { id: 'check', title: 'format, lint, types, secrets', kind: 'checks', packages: {} },
  {
    id: 'unit',
    title: 'unit tests with coverage',
    kind: 'vitest',
    packages: { ...SSH_SERVERS, ...POSTGRES, ...PACKER },
    coverage: 'source',
    limitMs: 1_200_000,
  },
  {
    id: 'endurance',
    title: 'processes that are killed, disks that fail, power that goes',
    kind: 'vitest',
    packages: POSTGRES,
    limitMs: 900_000,
  },
  {
    id: 'fuzz',
    title: 'every route with 20,000 right and wrong requests',
    kind: 'vitest',
    packages: {},
    limitMs: 360_000,
  },
  {
    id: 'e2e',
    title: 'the built programs and a real browser',
    kind: 'vitest',
    packages: { ...CHROMIUM, ...SSHD, ...LAN_TOOLS, ...POSTGRES },
    coverage: 'browser',
    limitMs: 1_200_000,
  },
  {
    id: 'lan',
    title: 'several machines in network namespaces',
    kind: 'vitest',
    packages: NAMESPACES,
    reason: withoutNamespaces,
    within: isRoot ? [] : AS_ROOT_INSIDE,
    limitMs: 420_000,
  },
  {
    id: 'executables',
    title: 'the agent as an executable, where there is no Node',
    kind: 'vitest',
    packages: PACKER,
    reason: withoutExecutables,
    within: isRoot ? [] : AS_ROOT_INSIDE,
    limitMs: 900_000,
  },
  {
    id: 'image',
    title: 'the image of the appliance, built and started under emulation',
    kind: 'vitest',
    packages: { ...IMAGE, ...NAMESPACES, ...CHROMIUM, 'busybox-static': SSH_SERVERS['busybox-static'] },
    reason: () => withoutImages() ?? withoutNamespaces(),
    // A machine of another kind can do everything else.
    mayBeLeftOut: true,
    limitMs: 2_400_000,
  },
  {
    id: 'emulated',
    title: 'executables for other machines, under qemu and wine',
    kind: 'vitest',
    packages: EMULATORS,
    reason: withoutExecutables,
    onlyWhenNamed: true,
    limitMs: 900_000,
  },
  {
    id: 'parts',
    title: 'the real parts at the far end: mail server, MQTT broker, UPS server, Prometheus, PostgreSQL',
    kind: 'vitest',
    packages: PARTS,
    limitMs: 300_000,
  },
  {
    id: 'install',
    title: 'the install line and setup.sh on a clean Debian that was booted with systemd',
    kind: 'vitest',
    packages: { ...MACHINE, ...PACKER },
    reason: withoutMachines,
    // A machine that is itself shut in can do everything else.
    mayBeLeftOut: true,
    limitMs: 600_000,
  },
  {
    id: 'container',
    title: 'the container for two kinds of processors, built without an engine and started without root',
    kind: 'vitest',
    packages: RUNTIME,
    reason: withoutContainers,
    mayBeLeftOut: true,
    limitMs: 600_000,
  },
  {
    id: 'lynis',
    title: 'audits compared with Lynis on the same machine',
    kind: 'vitest',
    packages: { lynis: ['/usr/sbin/lynis'], ...SSHD },
    reason: () => (isRoot ? undefined : 'only as root do both read the same'),
    // Lynis alone takes two minutes of two processors.
    onlyWhenNamed: true,
    limitMs: 900_000,
  },
  { id: 'scans', title: 'dependencies: licences, sizes, known vulnerabilities', kind: 'scans', packages: {} },
];

/** Debian packages of a group that are not on this machine. */
export function missingPackages({ packages }) {
  return Object.keys(packages).filter((name) => !packages[name].some((file) => existsSync(file)));
}

/** What `npm run check` judges; the group `check` of `npm test` runs the same. */
export const CHECKS = [
  { name: 'format and lint', command: [...TOOLS.biome, 'check', '--error-on-warnings', '.'] },
  { name: 'types', command: [...TOOLS.tsc, '-p', '.'] },
  ...(existsSync(join(ROOT, 'web-components/main.ts'))
    ? [{ name: 'types of the dashboard', command: [...TOOLS.tsc, '-p', 'web-components'] }]
    : []),
];

/** Least share of lines, in percent, that the tests must reach; `now` is enforced and only ever raised, up to `goal`. */
export const COVERAGE = [
  { folder: 'protocol', now: 90, goal: 90, measuredIn: ['unit'] },
  { folder: 'discovery', now: 90, goal: 90, measuredIn: ['unit'] },
  { folder: 'agent', now: 90, goal: 90, measuredIn: ['unit'] },
  { folder: 'appliance', now: 90, goal: 90, measuredIn: ['unit'] },
  { folder: 'web-components', now: 80, goal: 80, measuredIn: ['unit', 'e2e'] },
];
