// The root of an image as a folder: base, kernel, Node, the appliance, our files. Nothing in here runs a program of the image, so that it
// works for any architecture. Only root can do it, because files belong to many.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { APPLIANCE_FLAGS } from '../appliance-flags.mjs';
import { strippedElf } from '../executables/elf.mjs';
import { bytesOf } from '../executables/parts.mjs';
import { PLATFORMS } from '../executables/platforms.mjs';
import { ROOT } from '../prepare.mjs';
import { debsOf, lockOf } from './base.mjs';
import { modulesOf } from './initramfs.mjs';
import { dataSchema, version } from './release.mjs';
import { run } from './run.mjs';

const OVERLAY = join(ROOT, 'image/os/overlay');
const UNITS = 'usr/lib/systemd/system';
const ENABLED = ['systemd-networkd', 'systemd-resolved', 'systemd-timesyncd', 'nftables', 'avahi-daemon'];
const DISABLED = [
  'ssh.service',
  'ssh.socket',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'dpkg-db-backup.timer',
];
const MASKED = [
  ...[
    'systemd-networkd-wait-online.service',
    'systemd-firstboot.service',
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
  ],
  ...['getty@tty1.service', 'serial-getty@ttyS0.service', 'systemd-pstore.service', 'modprobe@drm.service'],
  'systemd-hwdb-update.service',
  // SSH has one key of its own, made when it is switched on.
  'sshd-keygen.service',
  // What nothing here uses, and each start would wait for.
  ...['modprobe@configfs.service', 'modprobe@fuse.service', 'sys-fs-fuse-connections.mount', 'sys-kernel-config.mount'],
  ...['sys-kernel-debug.mount', 'sys-kernel-tracing.mount', 'dev-hugepages.mount', 'proc-sys-fs-binfmt_misc.automount'],
];
/** Of systemd's generators, those that this system needs: partitions are mounted by the initramfs, and nobody signs in at a terminal. */
const GENERATORS = ['systemd-fstab-generator', 'systemd-debug-generator'];
/** Drivers and file systems that an appliance never meets: a fifth of the image. */
const USELESS = [
  ...[
    'sound',
    'drivers/gpu',
    'drivers/media',
    'drivers/infiniband',
    'drivers/iio',
    'drivers/staging',
    'drivers/isdn',
    'drivers/comedi',
  ],
  ...['drivers/ntb', 'drivers/platform/chrome', 'drivers/md/bcache', 'drivers/net/can', 'drivers/net/wireguard'],
  ...['mellanox', 'chelsio', 'qlogic', 'intel/ice', 'sfc', 'netronome', 'cavium', 'hisilicon'].map(
    (name) => `drivers/net/ethernet/${name}`,
  ),
  ...[
    'ocfs2',
    'gfs2',
    'jfs',
    'nilfs2',
    'ubifs',
    'jffs2',
    'ceph',
    'afs',
    'bcachefs',
    'btrfs',
    'xfs',
    'f2fs',
    'orangefs',
    'dlm',
    'smb',
    'nfs',
    'nfsd',
    'nfs_common',
    'lockd',
  ].map((name) => `fs/${name}`),
  ...[
    'can',
    'dccp',
    'rxrpc',
    'sctp',
    'tipc',
    'batman-adv',
    'nfc',
    '6lowpan',
    'ieee802154',
    'mac802154',
    'ceph',
    'rds',
    'x25',
    'atm',
  ].map((name) => `net/${name}`),
];
/** What is made anew on each machine, or was only for building. */
const FORGOTTEN = [
  ...[
    'etc/apt/apt.conf.d/99mmdebstrap',
    'etc/apt/sources.list',
    'etc/dpkg/dpkg.cfg.d/99mmdebstrap',
    'etc/hostname',
    'etc/resolv.conf',
  ],
  ...[
    'var/lib/dbus/machine-id',
    'var/cache/apt',
    'var/lib/apt/lists',
    'var/cache/debconf',
    'var/cache/ldconfig',
    'var/log',
    'var/lib/dpkg/info',
  ],
];

/**
 * What no program of an appliance reads: Perl (Debian's scripts that set packages up), character sets of glibc beside UTF-8, names and
 * quirks of hardware for udev, changelogs. Together a tenth of the image.
 */
const UNREAD = [
  ...['usr/bin/perl', 'usr/share/perl5', 'usr/lib/udev/hwdb.d', 'usr/lib/udev/hwdb.bin'],
  ...['usr/bin/perl5.*', 'usr/lib/*-linux-gnu/perl-base', 'usr/lib/*-linux-gnu/gconv'],
  ...['usr/share/doc/*/changelog*', 'usr/share/doc/*/NEWS*'],
];

const isFile = (entry) => !entry.isDirectory();

/** Takes away what is in these folders of a kernel's modules, but for what `kept` names and needs. */
function dropDrivers(modules, folders, kept) {
  const spared = new Set(modulesOf(readFileSync(join(modules, 'modules.dep'), 'utf8'), kept));
  for (const folder of folders.filter((path) => existsSync(join(modules, 'kernel', path)))) {
    const inside = readdirSync(join(modules, 'kernel', folder), { recursive: true, withFileTypes: true }).filter(
      isFile,
    );
    const files = inside.map((each) => join(each.parentPath, each.name));
    for (const file of files) if (!spared.has(relative(modules, file))) rmSync(file);
  }
}

/** The kernel itself goes to the file `to`; answers its version. */
function unpackKernel(board, { root, base, to }) {
  const debs = debsOf(base);
  for (const deb of debs) run('dpkg-deb', ['--extract', deb, root]);
  const [kernel] = readdirSync(join(root, 'usr/lib/modules'));
  run('depmod', ['-b', root, kernel]);
  dropDrivers(join(root, 'usr/lib/modules', kernel), [...USELESS, ...(board.useless ?? [])], board.kept ?? []);
  run('depmod', ['-b', root, kernel]);
  const image = [`boot/vmlinuz-${kernel}`, `usr/lib/modules/${kernel}/vmlinuz`].find((path) =>
    existsSync(join(root, path)),
  );
  if (!image) throw new Error(`there is no kernel among ${debs.join(', ')}`);
  renameSync(join(root, image), to);
  return kernel;
}

/** A folder with the packages for that processor (npm's word), where it is not this machine's own. Made once for each lock file. */
function packagesFor(cpu) {
  if (cpu === process.arch) return undefined;
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
    .slice(0, 16);
  const folder = join(ROOT, `dist/.bases/packages-${cpu}-${lock}`);
  if (existsSync(join(folder, 'node_modules'))) return folder;
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(ROOT, name), join(folder, name));
  const words = ['--omit=dev', '--os=linux', `--cpu=${cpu}`, '--libc=glibc', '--no-audit', '--no-fund'];
  run('npm', ['ci', ...words], { cwd: folder });
  return folder;
}

/** The appliance as it runs, its Node, and the unit that bare metal has too. Answers a stamp of what it was built from. */
function copyAppliance(root, board) {
  const to = join(root, 'usr/lib/reeve');
  const packages = packagesFor(board.node.split('-')[1]);
  const words = packages ? ['--packages', packages] : [];
  run(process.execPath, [join(ROOT, 'image/release.mjs'), to, '--without-executables', ...words]);
  writeFileSync(join(root, 'usr/bin/node'), strippedElf(bytesOf(PLATFORMS[board.node])), { mode: 0o755 });
  cpSync(join(ROOT, 'image/systemd/reeve.service'), join(root, UNITS, 'reeve.service'));
  return readFileSync(join(to, 'release.stamp'), 'utf8').trim();
}

/** Only what runs on this kind of machine: packages bring binaries for others along. */
function copyOverlay(root, board, key) {
  for (const name of ['common', board.id]) {
    const from = join(OVERLAY, name);
    if (existsSync(from)) cpSync(from, root, { recursive: true });
  }
  const dropIn = join(root, UNITS, 'reeve.service.d/image.conf');
  writeFileSync(dropIn, readFileSync(dropIn, 'utf8').replace('@FLAGS@', APPLIANCE_FLAGS.join(' ')));
  chmodSync(join(root, 'etc/sudoers.d/reeve-admin'), 0o440);
  const share = join(root, 'usr/share/reeve');
  mkdirSync(share, { recursive: true });
  const told = {
    version: `${version()}\n`,
    board: `${board.id}\n`,
    architecture: `${board.architecture}\n`,
    'data-schema': `${dataSchema()}\n`,
    'update-key.pem': key,
  };
  for (const [name, text] of Object.entries(told)) writeFileSync(join(share, name), text);
}

function setUp(root) {
  for (const path of FORGOTTEN) rmSync(join(root, path), { recursive: true, force: true });
  run('sh', ['-c', `rm -rf ${UNREAD.join(' ')}`], { cwd: root });
  for (const path of [
    'data',
    'boot',
    'var/log',
    'var/cache/apt/archives/partial',
    'var/lib/apt/lists/partial',
    'var/lib/dpkg/info',
  ])
    mkdirSync(join(root, path), { recursive: true });
  rmSync(join(root, 'boot'), { recursive: true });
  mkdirSync(join(root, 'boot'));
  symlinkSync('../run/systemd/resolve/stub-resolv.conf', join(root, 'etc/resolv.conf'));
  for (const name of readdirSync(join(root, 'etc/ssh')))
    if (name.startsWith('ssh_host_')) rmSync(join(root, 'etc/ssh', name));
  mkdirSync(join(root, 'etc/systemd/system-generators'), { recursive: true });
  for (const name of readdirSync(join(root, 'usr/lib/systemd/system-generators')))
    if (!GENERATORS.includes(name)) symlinkSync('/dev/null', join(root, 'etc/systemd/system-generators', name));
  // As old as /usr, they say that users, libraries and messages are known: otherwise that is gone through at each start.
  for (const folder of ['etc', 'var']) writeFileSync(join(root, folder, '.updated'), '');
  // Filled by the initramfs before systemd reads it.
  writeFileSync(join(root, 'etc/machine-id'), '');
  run('systemd-sysusers', [`--root=${root}`, join(root, 'usr/lib/sysusers.d/reeve.conf')]);
  const ours = readdirSync(join(root, UNITS)).filter((name) => /^reeve-.*\.(service|path|timer)$/.test(name));
  const units = ours.filter((name) => readFileSync(join(root, UNITS, name), 'utf8').includes('[Install]'));
  systemctl(root, 'enable', [...ENABLED, 'reeve.service', ...units]);
  // Where a unit has a script of System V beside it, as SSH has, systemctl asks Perl to disable that, and fails without.
  rmSync(join(root, 'etc/init.d'), { recursive: true });
  systemctl(root, 'disable', DISABLED);
  systemctl(root, 'mask', MASKED);
  for (const name of ['passwd-', 'group-', 'shadow-', 'gshadow-', '.pwd.lock'])
    rmSync(join(root, 'etc', name), { force: true });
}

const systemctl = (root, verb, units) => run('systemctl', [`--root=${root}`, '--quiet', verb, ...units]);

const OURS = ['usr/lib/reeve', 'usr/lib/reeve-system', 'usr/share/reeve', 'usr/bin/node', 'usr/bin/reeve'];

/** Nothing of who builds and when: owners and modes of what was copied from the sources, the day on which accounts were made. */
function forgetBuilder(root, takenAt) {
  const ours = OURS.map((path) => join(root, path));
  run('chown', ['--recursive', '--no-dereference', '0:0', ...ours]);
  run('chmod', ['--recursive', 'u=rwX,go=rX', ...ours]);
  const shadow = join(root, 'etc/shadow');
  const day = String(Math.floor(takenAt / 86_400));
  writeFileSync(shadow, readFileSync(shadow, 'utf8').replaceAll(/^([^:\n]*:[^:\n]*:)\d+:/gm, `$1${day}:`));
}

/**
 * One time for every file, so that two builds are the same. The dashboard's has to change when it does: browsers are told by time and size
 * whether a page is a new one.
 */
function setTimes(root, { takenAt, stamp }) {
  const moved =
    takenAt + (Number.parseInt(createHash('sha256').update(stamp).digest('hex').slice(0, 6), 16) % 8_000_000);
  const each = (folder, time) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const own = path === join(root, 'usr/lib/reeve') ? moved : time;
      if (entry.isDirectory()) each(path, own);
      else lutimesSync(path, own, own);
    }
    lutimesSync(folder, time, time);
  };
  each(root, takenAt);
}

/** Fills `root`, an empty folder, from a base (`baseOf`). `key`: the public key that updates are checked with, PEM; `vmlinuz`: where the
 * kernel goes, which is not part of the root; `change(root, kernel)` may alter it before all gets its time. Answers the kernel's version. */
export function makeRoot(board, { root, base, key, vmlinuz, change }) {
  const { takenAt } = lockOf(board);
  run('tar', [
    '--extract',
    '--file',
    join(base, 'root.tar'),
    '--directory',
    root,
    '--numeric-owner',
    '--xattrs',
    '--xattrs-include=*',
  ]);
  const kernel = unpackKernel(board, { root, base, to: vmlinuz });
  const stamp = copyAppliance(root, board);
  copyOverlay(root, board, key);
  cpSync(join(base, 'packages.txt'), join(root, 'usr/share/reeve/packages.txt'));
  setUp(root);
  change?.(root, kernel);
  forgetBuilder(root, takenAt);
  setTimes(root, { takenAt, stamp });
  return kernel;
}

/** Puts packed executables of the agent (`buildPacks`) into a root that is made, beside those that are there. */
export function addPacks(board, { root, packs, licences }) {
  const { takenAt } = lockOf(board);
  const dist = join(root, 'usr/lib/reeve/dist');
  const to = join(dist, 'packs');
  const { mtime } = statSync(dist);
  mkdirSync(to, { recursive: true, mode: 0o755 });
  const files = Object.values(packs).flatMap(({ json, pack }) => [json, pack]);
  for (const file of [...files, licences]) {
    const copy = join(to, basename(file));
    cpSync(file, copy);
    chmodSync(copy, 0o644);
    lutimesSync(copy, takenAt, takenAt);
  }
  lutimesSync(to, takenAt, takenAt);
  lutimesSync(dist, mtime, mtime);
}

/** Writes a root as squashfs; the same root makes the same bytes. */
export function makeSquash(board, { root, file, level = 15 }) {
  const { takenAt } = lockOf(board);
  const words = [
    '-comp',
    'zstd',
    '-Xcompression-level',
    String(level),
    '-b',
    '256K',
    '-noappend',
    '-quiet',
    '-no-progress',
  ];
  run('mksquashfs', [root, file, ...words, '-mkfs-time', String(takenAt), '-reproducible'], {
    env: { SOURCE_DATE_EPOCH: undefined },
  });
}
