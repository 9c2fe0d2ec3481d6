import type { Disk } from '../facts.ts';
import { type Check, found, unknown } from './check.ts';

const MOST = 0.9;
const CRITICAL = 0.97;

export const fullDisks: Check = {
  id: 'full-disks',
  title: 'Disks are nearly full',
  severity: 'high',
  reason: 'A full disk stops services, loses logs and can damage databases.',
  judge({ disks }) {
    if (!disks) return unknown('the host did not say how full its disks are');
    // Images are full by nature.
    const real = disks.filter(({ isReadOnly, type }) => !isReadOnly && !/^(?:squashfs|iso9660)$/.test(type ?? ''));
    const lines = real.flatMap((disk) => lineOf(disk));
    const isCritical = real.some(({ used, inodesUsed = 0 }) => Math.max(used, inodesUsed) >= CRITICAL);
    return found(
      lines,
      'Find what is large (`du -xh MOUNT | sort -h | tail`), remove what is not needed, or make the disk larger.',
      isCritical ? 'critical' : 'high',
    );
  },
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const lineOf = ({ mount, used, inodesUsed = 0 }: Disk): string[] => [
  ...(used >= MOST ? [`${mount} is ${percent(used)} full`] : []),
  ...(inodesUsed >= MOST ? [`${mount} has used ${percent(inodesUsed)} of its inodes`] : []),
];
