import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openClock } from '../../../appliance/clock.ts';
import { DEFAULT_LIMITS } from '../../../appliance/history/limits.ts';
import { type OpenedHistory, openHistory } from '../../../appliance/history/open.ts';
import { realDisk } from '../../../appliance/store/disk.ts';
import type { HistoryEngine } from '../../../appliance/store/history-engine.ts';
import { openNedbHistory } from '../../../appliance/store/nedb/history-engine.ts';
import type { Device } from '../../helpers/ext4.ts';
import { VirtualTime } from '../../helpers/virtual-time.ts';
import { MACHINE_SERIES, machineValues } from '../machine-values.ts';

export interface Fleet {
  hosts: number;
  intervalMs: number;
  /** Agents tick on multiples of the interval, as they do when they know the appliance's time; else each at a moment of its own. */
  isAligned: boolean;
  isLowWear: boolean;
}

export interface Worn {
  /** Bytes that reached the device, of commits and of everything, for each day. */
  bytesPerDay: number;
  syncsPerDay: number;
  frames: number;
  /** The longest time from a frame to its acknowledgement, ms of the fleet's time. */
  slowestMs: number;
}

const DAY = 86_400_000;
const MIDNIGHT = Date.UTC(2025, 10, 21);
const TEND_MS = 30_000;
const MINUTE = 60_000;
/** The kernel writes dirty pages back at this age (vm.dirty_expire_centisecs). */
const WRITE_BACK_MS = 30_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** How late after its tick a frame arrives: agents read their machine first. The same for every run. */
const lateOf = (host: number, tick: number): number => 20 + ((host * 7919 + tick * 104_729) % 130);

/**
 * Lets a fleet send for `days` of its own time, which goes as fast as the disk takes the commits: each is written and synced as in
 * real time, what waits for what is the same, and the kernel's own write-back is done by `sync` each 30 s of that time.
 */
export async function wear(device: Device, fleet: Fleet, days: number): Promise<Worn> {
  const time = new VirtualTime();
  const now = () => MIDNIGHT + time.now;
  const dir = join(device.dir, 'data');
  mkdirSync(dir);
  let syncs = 0;
  const disk = {
    write: realDisk.write,
    sync: (...args: Parameters<typeof realDisk.sync>) => {
      syncs += 1;
      return realDisk.sync(...args);
    },
  };
  const clock = await openClock(dir, { wall: now, mono: () => time.now, isUnset: () => false });
  const opened = await openNedbHistory({ dir: join(dir, 'history'), log: silent, now, disk });
  const commits: Promise<unknown>[] = [];
  const engine = watched(opened, commits);
  const limits = { ...DEFAULT_LIMITS, isLowWear: fleet.isLowWear };
  const history = await openHistory({ engine, log: silent, now, pace: time.pace, limits: () => limits, tickMs: 2e9 });
  const senders = new Senders(history, fleet, time);
  senders.plan();
  const every = (ms: number, run: () => void) => {
    const again = () => {
      run();
      time.at(time.now + ms, again);
    };
    time.at(ms, again);
  };
  const jobs: Promise<unknown>[] = [];
  every(TEND_MS, () => jobs.push(history.tend()));
  every(fleet.isLowWear ? 60 * MINUTE : MINUTE, () => jobs.push(clock.save()));
  every(WRITE_BACK_MS, () => device.settle());
  device.settle();
  const before = device.written();
  const settled = async () => {
    // A commit takes no time of the fleet's.
    while (jobs.length + commits.length > 0) {
      await Promise.allSettled([...jobs.splice(0), ...commits.splice(0)]);
      await nextTurn();
    }
  };
  await time.runUntil(days * DAY + 10 * MINUTE, settled);
  device.settle();
  const bytes = device.written() - before;
  await history.close();
  const share = DAY / time.now;
  return {
    bytesPerDay: bytes * share,
    syncsPerDay: syncs * share,
    frames: senders.frames,
    slowestMs: senders.slowestMs,
  };
}

/** The engine, with its commits noted while they are written. */
function watched(engine: HistoryEngine, commits: Promise<unknown>[]): HistoryEngine {
  return {
    ...engine,
    get damage() {
      return engine.damage;
    },
    async log(lane) {
      const log = await engine.log(lane);
      const noted = (work: Promise<void>): Promise<void> => {
        commits.push(work);
        return work;
      };
      return {
        replay: () => log.replay(),
        rotate: () => noted(log.rotate()),
        dropThrough: (number) => noted(log.dropThrough(number)),
        append: (commit) => noted(log.append(commit)),
      };
    },
  };
}

class Senders {
  frames = 0;
  slowestMs = 0;
  readonly #history: OpenedHistory;
  readonly #fleet: Fleet;
  readonly #time: VirtualTime;

  constructor(history: OpenedHistory, fleet: Fleet, time: VirtualTime) {
    this.#history = history;
    this.#fleet = fleet;
    this.#time = time;
  }

  plan(): void {
    for (let host = 0; host < this.#fleet.hosts; host++) this.#planHost(host);
  }

  #planHost(host: number): void {
    const { hosts, intervalMs, isAligned } = this.#fleet;
    const hostId = `host-${host}`;
    const stream = `${hostId}/1`;
    const identities = MACHINE_SERIES.map(([metric]) => ({ metric, attributes: {} }));
    const series = this.#history.declare(hostId, identities);
    const values = machineValues(host, intervalMs / 1_000);
    const phase = isAligned ? 0 : Math.round(((host * 37) % hosts) * (intervalMs / hosts));
    const send = (tick: number) => {
      const at = MIDNIGHT + tick * intervalMs + phase;
      const sentAt = this.#time.now;
      const frame = { hostId, stream, seq: tick + 1, at, offsetMs: 0, intervalMs, series };
      this.frames += 1;
      void this.#history.append([{ ...frame, values: values((at - MIDNIGHT) / 1_000) }]).then(() => {
        this.slowestMs = Math.max(this.slowestMs, this.#time.now - sentAt);
      });
      this.#time.at((tick + 1) * intervalMs + phase + lateOf(host, tick + 1), () => send(tick + 1));
    };
    this.#time.at(phase + lateOf(host, 0), () => send(0));
  }
}
