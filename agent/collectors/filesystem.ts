import { statfs } from 'node:fs';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { matcher } from '../names.ts';
import { type Asked, Questions } from '../patience.ts';
import { type FarAnswer, FarSpace, type Space } from '../reading/far-space.ts';
import type { Mount } from '../reading/mounts.ts';
import { collector, type DescriptorInput, type Miss, type Put, type ReaderDeps } from './collector.ts';
import { parseMacMounts } from './filesystem.darwin.ts';
import { readWindows } from './filesystem.win32.ts';

/** How long a frame waits for file systems. One that has not answered by then is `hung`, and is not asked again until it has. */
const PATIENCE_MS = 250;
const LIST_EVERY_MS = 60_000;

/** Node has four threads for such calls, and one that hangs is never given back: local file systems have one of them, others none. */
const LANES = { local: 1 } as const;

/** What is no storage of its own. `overlay` counts at `/` only, where it is the disk of a container. */
const PSEUDO = new Set(
  (
    'autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fuse.gvfsd-fuse fuse.lxcfs fuse.portal fuse.snapfuse ' +
    'fusectl hugetlbfs iso9660 mqueue nsfs overlay proc pstore ramfs rootfs rpc_pipefs securityfs selinuxfs squashfs sysfs tmpfs tracefs erofs'
  ).split(' '),
);
const REMOTE = /^(?:nfs|cifs|smb|9p|afs|ceph|lustre|gfs|ocfs|glusterfs|ncpfs|fuse$|fuse\.|virtiofs)/;
/** Mounts that belong to containers, snaps and the like, and single files that containers have mounted over theirs. */
const FOREIGN = /^\/(?:dev|proc|sys|run|snap|etc)(?:\/|$)|\/(?:docker|containers|kubelet|containerd|snapd|machines)\//;

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Mount points are bytes to the kernel, and UTF-8 to people. */
const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

/**
 * The real file systems of /proc/self/mountinfo (proc_pid_mountinfo(5)), each once at its shortest mount point, local ones first.
 * Where one is mounted over another, the later is what a path leads to.
 */
export function parseMounts(mountinfo: string, isSkipped: (point: string) => boolean = () => false): Mount[] {
  const byDevice = new Map<string, Mount>();
  const visible = new Map<string, string>();
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const [, , device, , rawPoint] = left.split(' ');
    const type = right.split(' ', 1)[0];
    if (device === undefined || rawPoint === undefined || !type) continue;
    const point = utf8(unescaped(rawPoint));
    visible.set(point, device);
    const isPseudo = PSEUDO.has(type) && !(type === 'overlay' && point === '/');
    if (isPseudo || (point !== '/' && FOREIGN.test(point)) || isSkipped(point)) continue;
    const known = byDevice.get(device);
    if (!known || point.length < known.point.length) byDevice.set(device, { point, type, isRemote: REMOTE.test(type) });
  }
  const seen = [...byDevice].filter(([device, { point }]) => visible.get(point) === device).map(([, mount]) => mount);
  return seen.sort((a, b) => Number(a.isRemote) - Number(b.isRemote) || (a.point < b.point ? -1 : 1));
}

const ratio = (part: number, whole: number) => (whole > 0 ? Math.round((part / whole) * 1e4) / 1e4 : undefined);

/** Used and free add up to what users can have: blocks that the file system keeps for root are counted as neither, as in df(1). */
export function putSpace(put: Put, point: string, { bsize, blocks, bfree, bavail, files, ffree }: Space): void {
  if (blocks === 0) return;
  const used = (blocks - bfree) * bsize;
  const free = bavail * bsize;
  put('system.filesystem.utilization', ratio(used, used + free), point);
  put('system.filesystem.usage', used, point, 'used');
  put('system.filesystem.usage', free, point, 'free');
  put('system.filesystem.limit', blocks * bsize, point);
  if (files > 0) put('system.filesystem.inodes.utilization', ratio(files - ffree, files), point);
}

export interface FilesystemSources {
  /** Asked once a minute. */
  listMounts: (mono: number, miss: Miss) => Mount[] | Promise<Mount[]>;
  /** Asks a local one. */
  ask: (point: string) => Promise<Space>;
  /** The others. */
  far: FarSpace;
}

/** Reads every real mount: local ones now, those of the network as they answered last. */
export function filesystemReader({ listMounts, ask, far }: FilesystemSources) {
  const questions = new Questions(ask, LANES);
  let mounts: Mount[] = [];
  let listedAt = Number.NEGATIVE_INFINITY;
  return {
    everyMs: 15_000,
    async read(put: Put, { mono }: { mono: number }, miss: Miss) {
      if (mono - listedAt >= LIST_EVERY_MS) {
        mounts = await listMounts(mono, miss);
        listedAt = mono;
      }
      const remote = mounts.filter(({ isRemote }) => isRemote).map(({ point }) => point);
      const local = mounts.filter(({ isRemote }) => !isRemote).map(({ point }) => point);
      void far.tend(remote, mono);
      await questions.askAll(
        local.map((name) => ({ name, lane: 'local' })),
        PATIENCE_MS,
      );
      for (const point of local) putLocal(put, point, questions.of(point));
      for (const point of remote) putRemote(put, point, far.of(point));
      far.sayMissed(miss);
    },
  };
}

function putLocal(put: Put, point: string, { isOpen, answer }: Asked<Space> = { isOpen: false, answer: undefined }) {
  if (isOpen) put('system.filesystem.hung', 1, point);
  else if (answer) putSpace(put, point, answer);
}

function putRemote(put: Put, point: string, answer: FarAnswer | undefined) {
  if (answer) put('system.filesystem.hung', answer.state === 'hung' ? 1 : 0, point);
  if (answer?.state === 'answered') putSpace(put, point, answer.space);
}

const gauge = (id: string, title: string, rest: Partial<DescriptorInput>): DescriptorInput => ({
  id,
  title,
  unit: '1',
  kind: 'gauge',
  rollup: 'average',
  attributes: ['system.filesystem.mountpoint'],
  min: 0,
  ...rest,
});

const readLinux = ({ skip }: { skip: string[] }, { files, run }: ReaderDeps) => {
  const isSkipped = matcher(skip);
  // Options of an overlay name each of its layers.
  const mountinfo = files.kernel('/proc/self/mountinfo', { hasLongLines: true });
  const listMounts = (mono: number) => parseMounts(mountinfo.text(mono), isSkipped);
  return filesystemReader({ listMounts, ask: promisify(statfs), far: new FarSpace(run) });
};

const readMac = ({ skip }: { skip: string[] }, { run }: ReaderDeps) => {
  const isSkipped = matcher(skip);
  const listMounts = async (_mono: number, miss: Miss) => {
    const { output } = await run({ command: 'mount', args: [] });
    const { mounts, far } = parseMacMounts(output, isSkipped);
    for (const point of far) miss(`${point}: mounts of the network are not asked on macOS`);
    return mounts;
  };
  return filesystemReader({ listMounts, ask: promisify(statfs), far: new FarSpace(run) });
};

/** Space and inodes of every real file system. */
export const filesystem = collector({
  id: 'filesystem',
  title: 'File systems',
  isSlow: ['darwin', 'win32'],
  settings: z.object({ skip: z._default(z.array(z.string()), []) }),
  descriptors: [
    gauge('system.filesystem.utilization', 'File system use', {
      max: 1,
      chart: { group: 'filesystem', order: 40, style: 'line', card: 'disk' },
    }),
    gauge('system.filesystem.usage', 'File system space', {
      unit: 'By',
      rollup: 'last',
      attributes: ['system.filesystem.mountpoint', 'system.filesystem.state'],
    }),
    gauge('system.filesystem.limit', 'File system size', { unit: 'By', rollup: 'last' }),
    gauge('system.filesystem.inodes.utilization', 'Inodes in use', {
      max: 1,
      chart: { group: 'filesystem-inodes', order: 41, style: 'line' },
    }),
    gauge('system.filesystem.hung', 'File system does not answer', { kind: 'state', rollup: 'last', max: 1 }),
  ],
  read: { linux: readLinux, darwin: readMac, win32: readWindows(putSpace) },
});
