import { type Disk, realDisk } from '../../appliance/store/disk.ts';
import { StorageError } from '../../appliance/store/errors.ts';

/** What lies below a store and fails when it is told to. */
export interface Failing {
  /** `torn`: the write does not get through. `sync`: it may have, and nobody knows. */
  mode: 'works' | 'torn' | 'sync';
  /** How often something was made durable. */
  syncs: number;
  /** Called before each write, which waits for it; for tests that cut in. */
  onWrite: (data: Uint8Array) => void | Promise<void>;
  /** Called before each step that changes what is stored; what it throws ends the step. */
  gate: () => void;
}

/** A disk that works until it is told to fail: `torn` writes half and then reports a full disk, `sync` fails after the write. */
export class FailingDisk implements Disk, Failing {
  mode: Failing['mode'] = 'works';
  syncs = 0;
  onWrite: Failing['onWrite'] = () => undefined;
  gate: Failing['gate'] = () => undefined;

  readonly write: Disk['write'] = async (fd, data, position) => {
    this.gate();
    await this.onWrite(data);
    if (this.mode !== 'torn') return realDisk.write(fd, data, position);
    await realDisk.write(fd, data.subarray(0, data.length >> 1), position);
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };

  readonly sync: Disk['sync'] = async (fd) => {
    this.gate();
    this.syncs += 1;
    if (this.mode === 'sync') throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    return realDisk.sync(fd);
  };
}

/** Lets `count` steps through, and then nothing ever again, as if the process had been stopped there. */
export function stopAfter(below: Failing, count: number): { stopped: () => boolean } {
  let left = count;
  let isStopped = false;
  below.gate = () => {
    if (left-- > 0) return;
    isStopped = true;
    throw new StorageError('It is stopped', Object.assign(new Error('stopped here'), { code: 'EIO' }));
  };
  return { stopped: () => isStopped };
}
