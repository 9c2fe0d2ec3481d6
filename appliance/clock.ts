import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from './whole-file.ts';

export interface ClockState {
  /** `untrusted`: the machine's clock stands before the last time that was seen, as on a Pi without a battery clock. */
  trust: 'trusted' | 'untrusted';
  reason: string;
}

/** The appliance's time. It never starts before the last time it saw, and says when it should not be believed. */
export interface Clock {
  /** Epoch ms; monotonic within a run even when the machine's clock is set back. */
  now(): number;
  state(): ClockState;
  /** Writes the last time seen; to be called each minute and at the end. */
  save(): Promise<void>;
}

const SAVED = 'clock.json';
/** A step of the machine's clock beyond this is followed (it was set), a smaller one is jitter. */
const STEP_MS = 2_000;

/** `wall` and `mono` are the machine's clocks in ms. */
export async function openClock(
  dataDir: string,
  wall: () => number = Date.now,
  mono: () => number = () => performance.now(),
): Promise<Clock> {
  const file = path.join(dataDir, SAVED);
  const last = await readLast(file);
  let base = Math.max(wall(), last);
  let since = mono();
  let behind = wall() < last - STEP_MS;

  const now = (): number => {
    const steady = base + (mono() - since);
    const machine = wall();
    // A clock that was set forward (time synchronised) is followed; one that was set back is caught up with, not obeyed.
    if (machine > steady + STEP_MS) {
      base = machine;
      since = mono();
      behind = false;
      return machine;
    }
    if (!behind && Math.abs(machine - steady) <= STEP_MS) {
      base = Math.max(machine, steady);
      since = mono();
      return Math.round(base);
    }
    return Math.round(steady);
  };

  return {
    now,
    state: () => {
      const off = now() - wall();
      if (behind || off > STEP_MS) {
        const seconds = Math.round(off / 1000);
        return {
          trust: 'untrusted',
          reason: `the machine's clock is ${seconds} s behind the last time seen; wait for time synchronisation or set it`,
        };
      }
      return { trust: 'trusted', reason: 'the clock runs on from the last time seen' };
    },
    async save() {
      await mkdir(dataDir, { recursive: true });
      await writeWhole(file, JSON.stringify({ lastAt: now() }));
    },
  };
}

async function readLast(file: string): Promise<number> {
  try {
    const { lastAt } = JSON.parse(await readFile(file, 'utf8')) as { lastAt?: unknown };
    return typeof lastAt === 'number' && Number.isFinite(lastAt) ? lastAt : 0;
  } catch {
    return 0; // No file yet, or a damaged one: the machine's clock is all there is.
  }
}
