import { type Disk, realDisk } from '../../appliance/store/disk.ts';

/** A disk that works until it is told to fail: `torn` writes half and then reports a full disk, `sync` fails after the write. */
export class FailingDisk implements Disk {
  mode: 'works' | 'torn' | 'sync' = 'works';
  syncs = 0;
  /** Called before each write, which waits for it; for tests that cut in. */
  onWrite: (data: Uint8Array) => void | Promise<void> = () => undefined;

  readonly write: Disk['write'] = async (fd, data, position) => {
    await this.onWrite(data);
    if (this.mode !== 'torn') return realDisk.write(fd, data, position);
    await realDisk.write(fd, data.subarray(0, data.length >> 1), position);
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };

  readonly sync: Disk['sync'] = async (fd) => {
    this.syncs += 1;
    if (this.mode === 'sync') throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    return realDisk.sync(fd);
  };
}

/** Lets `count` writes and syncs through, and then nothing ever again, as if the process had been stopped there. */
export function stopAfter(disk: FailingDisk, count: number): { stopped: () => boolean } {
  let left = count;
  let isStopped = false;
  const gate = () => {
    if (left-- > 0) return;
    isStopped = true;
    throw Object.assign(new Error('stopped here'), { code: 'EIO' });
  };
  const { write, sync } = disk;
  Object.assign(disk, {
    write: async (...args: Parameters<typeof write>) => {
      gate();
      return write(...args);
    },
    sync: async (...args: Parameters<typeof sync>) => {
      gate();
      return sync(...args);
    },
  });
  return { stopped: () => isStopped };
}
