import type { Mount } from '../reading/mounts.ts';

/** Volumes that belong to the system's own, and share their space with the one that stays. */
const FOREIGN =
  /^\/(?:dev|net|home)(?:\/|$)|^\/System\/Volumes\/(?!Data$)|^\/private\/var\/(?:vm|folders)(?:\/|$)|\/\.timemachine\//;
const STORAGE = new Set(['apfs', 'hfs', 'exfat', 'msdos', 'ntfs', 'ufs', 'udf', 'zfs']);

/**
 * Mounts of macOS' `mount`: `/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)`. Those of the network are left
 * out: one whose server is gone would hold a thread for good.
 */
export function parseMacMounts(output: string, isSkipped: (point: string) => boolean = () => false) {
  const mounts: Mount[] = [];
  const far: string[] = [];
  for (const line of output.split('\n')) {
    const [, point = '', type = '', rest = ''] = /^.+? on (\/.*) \(([^,)]+)(?:, )?([^)]*)\)$/.exec(line) ?? [];
    if (point === '' || FOREIGN.test(point) || isSkipped(point)) continue;
    if (STORAGE.has(type) && rest.split(', ').includes('local')) mounts.push({ point, type, isRemote: false });
    else if (/^(?:nfs|smbfs|afpfs|webdav)$/.test(type)) far.push(point);
  }
  return { mounts: mounts.sort((a, b) => (a.point < b.point ? -1 : 1)), far };
}
