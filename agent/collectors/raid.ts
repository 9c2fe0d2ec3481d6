import * as z from 'zod/mini';
import { collector, gauge, NothingToRead, state } from './collector.ts';

/** One array of /proc/mdstat (md.rst). */
export interface Raid {
  name: string;
  isActive: boolean;
  /** Disks that it should have; absent for arrays without redundancy. */
  wanted: number | undefined;
  /** Of these so many are in step. */
  working: number | undefined;
  failed: number;
  spare: number;
  /** What is going on (`recovery`, `resync`, `check`, `reshape`), and how far it is, 0 to 1. */
  action: string | undefined;
  progress: number | undefined;
}

/** Reads /proc/mdstat; an array is three or more lines, of which the first names it and its disks. */
export function parseMdstat(text: string): Raid[] {
  const blocks = text.split(/\n(?=md\S* : )/).filter((block) => /^md\S* : /.test(block));
  return blocks.map((block) => {
    const [head = '', ...rest] = block.split('\n');
    const body = rest.join('\n');
    const [, name = '', status = ''] = /^(md\S*) : (\S+)/.exec(head) ?? [];
    const disks = head.match(/\S+\[\d+\](?:\([A-Z]\))*/g) ?? [];
    const counts = /\[(\d+)\/(\d+)\]/.exec(body);
    const running = /(recovery|resync|check|reshape|repair) = +([\d.]+)%/.exec(body);
    const waiting = /(recovery|resync|check|reshape|repair)=(?:DELAYED|PENDING)/.exec(body);
    return {
      name,
      isActive: status === 'active',
      wanted: counts ? Number(counts[1]) : undefined,
      working: counts ? Number(counts[2]) : undefined,
      failed: disks.filter((disk) => disk.includes('(F)')).length,
      spare: disks.filter((disk) => disk.includes('(S)')).length,
      action: running?.[1] ?? waiting?.[1],
      progress: running ? Math.round(Number(running[2]) * 10) / 1e3 : undefined,
    };
  });
}

/** Whether it has lost disks, or does not run. A check of a whole array is none. */
export const isDegraded = ({ isActive, wanted, working, failed }: Raid): boolean =>
  !isActive || failed > 0 || (wanted !== undefined && working !== undefined && working < wanted);

/** Software RAID of Linux. */
export const raid = collector({
  id: 'raid',
  title: 'RAID',
  // The kernel lets a reader wait while an array is being changed.
  isSlow: true,
  settings: z.object({}),
  descriptors: [
    state('system.raid.degraded', 'RAID degraded', { attributes: ['system.device'] }),
    gauge('system.raid.disks', 'RAID disks', {
      unit: '{disk}',
      rollup: 'last',
      attributes: ['system.device', 'system.raid.disk.state'],
    }),
    gauge('system.raid.sync', 'RAID rebuild or check', {
      max: 1,
      rollup: 'last',
      attributes: ['system.device'],
      chart: { group: 'raid', order: 54, style: 'line' },
    }),
  ],
  read: {
    linux: (_settings, { files }) => ({
      everyMs: 15_000,
      async read(put) {
        const raids = parseMdstat((await files.later('/proc/mdstat')) ?? '');
        if (raids.length === 0) throw new NothingToRead('there is no software RAID');
        for (const each of raids) {
          const { name, working, wanted, failed, spare, action, progress } = each;
          put('system.raid.degraded', isDegraded(each) ? 1 : 0, name);
          put('system.raid.disks', working, name, 'active');
          put('system.raid.disks', failed, name, 'failed');
          put('system.raid.disks', spare, name, 'spare');
          if (wanted !== undefined && working !== undefined)
            put('system.raid.disks', wanted - working, name, 'missing');
          put('system.raid.sync', action === undefined ? 1 : (progress ?? 0), name);
        }
      },
    }),
  },
  unread: {
    darwin: 'software RAID is read on Linux only',
    win32: 'Storage Spaces are not read',
  },
});
