import * as z from 'zod/mini';
import { Growth } from '../rate.ts';
import { collector, gauge, NothingToRead, type Put, state } from './collector.ts';

/** One pool as `zpool list -Hp -o name,size,allocated,free,fragmentation,health` tells it; a dash is what it does not know. */
export interface Pool {
  name: string;
  size: number;
  used: number;
  free: number;
  fragmentation: number | undefined;
  health: string;
}

export function parsePools(output: string): Pool[] {
  return output.split('\n').flatMap((line) => {
    const [name = '', size = '', used = '', free = '', fragmentation = '', health = ''] = line.split('\t');
    if (health === '') return [];
    const percent = Number.parseFloat(fragmentation);
    return [
      {
        name,
        size: Number(size),
        used: Number(used),
        free: Number(free),
        fragmentation: Number.isFinite(percent) ? percent / 100 : undefined,
        health: health.trim(),
      },
    ];
  });
}

/** Numbers of a kstat file (`name type data` a line); undefined where one is not there. */
export function parseKstat(text: string): (name: string) => number | undefined {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name = '', type, data] = line.trim().split(/ +/);
    if (type !== undefined && data !== undefined && /^\d+$/.test(data)) values.set(name, Number(data));
  }
  return (name) => values.get(name);
}

const share = (part: number, whole: number) => (whole > 0 ? Math.round((part / whole) * 1e4) / 1e4 : undefined);

function putPool(put: Put, { name, size, used, free, fragmentation, health }: Pool): void {
  put('system.zfs.pool.healthy', health === 'ONLINE' ? 1 : 0, name);
  if (!(size > 0)) return;
  put('system.zfs.pool.utilization', share(used, used + free), name);
  put('system.zfs.pool.usage', used, name);
  put('system.zfs.pool.limit', size, name);
  put('system.zfs.pool.fragmentation', fragmentation, name);
}

const pool = { attributes: ['zfs.pool'] };

/** ZFS: its pools, and its cache in memory. */
export const zfs = collector({
  id: 'zfs',
  title: 'ZFS',
  // `zpool list` waits for a pool whose disks have gone.
  isSlow: true,
  settings: z.object({}),
  descriptors: [
    state('system.zfs.pool.healthy', 'ZFS pool healthy', pool),
    gauge('system.zfs.pool.utilization', 'ZFS pool use', {
      max: 1,
      ...pool,
      chart: { group: 'zfs', order: 42, style: 'line' },
    }),
    gauge('system.zfs.pool.usage', 'ZFS pool in use', { unit: 'By', rollup: 'last', ...pool }),
    gauge('system.zfs.pool.limit', 'ZFS pool size', { unit: 'By', rollup: 'last', ...pool }),
    gauge('system.zfs.pool.fragmentation', 'ZFS fragmentation', { max: 1, rollup: 'last', ...pool }),
    gauge('system.zfs.arc.usage', 'ZFS cache', { unit: 'By', rollup: 'last' }),
    gauge('system.zfs.arc.hit_ratio', 'ZFS cache hits', {
      max: 1,
      chart: { group: 'zfs-arc', order: 43, style: 'line' },
    }),
  ],
  read: {
    linux(_settings, { files, run }) {
      const [hits, misses] = [new Growth(), new Growth()];
      return {
        everyMs: 60_000,
        async read(put, _moment, miss) {
          const stats = await files.later('/proc/spl/kstat/zfs/arcstats');
          if (stats === undefined) throw new NothingToRead('ZFS is not loaded');
          const arc = parseKstat(stats);
          put('system.zfs.arc.usage', arc('size'));
          const [hit = 0, missed = 0] = [
            hits.next(arc('hits') ?? Number.NaN),
            misses.next(arc('misses') ?? Number.NaN),
          ];
          put('system.zfs.arc.hit_ratio', share(hit, hit + missed));
          const columns = 'name,size,allocated,free,fragmentation,health';
          await run({ command: 'zpool', args: ['list', '-Hp', '-o', columns] }).then(
            ({ output, errors, code }) => {
              if (code !== 0) miss(`zpool: ${errors.trim().slice(0, 200)}`);
              for (const each of parsePools(output)) putPool(put, each);
            },
            (error: Error) => miss(error.message),
          );
        },
      };
    },
  },
  unread: {
    darwin: 'ZFS is read on Linux only',
    win32: 'there is no ZFS on Windows',
  },
});
