import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isClockUnset } from './machine-clock.ts';
import { writeWhole } from './whole-file.ts';

export interface ClockState {
  /** `untrusted`: the machine's clock stands before the last time that was seen, or was never set, as on a Pi without a battery clock. */
  trust: 'trusted' | 'untrusted';
  reason: string;
}

/** The appliance's time. It never starts before the last time it saw, and says when it should not be believed. */
export interface Clock {
  /** Epoch ms; monotonic within a run even when the machine's clock is set back, but for `confirm`. */
  now(): number;
  state(): ClockState;
  /** When the run before this one was last known to be alive, epoch ms; 0 when there was none. */
  readonly endedAt: number;
  /** Looks at the machine again; to be called each second. True when the time was set or its trust has changed since the last look. */
  observe(): boolean;
  /** A person says that the machine's clock is right: it is believed, even when that is back in time. */
  confirm(): Promise<void>;
  /** Writes the last time seen; to be called each minute and at the end. */
  save(): Promise<void>;
}

/** The machine's clocks in ms, and whether it cannot know the time yet. */
export interface MachineClock {
  wall: () => number;
  mono: () => number;
  isUnset: () => boolean;
}

const SAVED = 'clock.json';
/** A step of the machine's clock beyond this is followed (it was set), a smaller one is jitter. */
const STEP_MS = 2_000;

/** Opens the clock with the last time saved in the data directory. */
export async function openClock(dataDir: string, machine: Partial<MachineClock> = {}): Promise<Clock> {
  const all = { wall: Date.now, mono: () => performance.now(), isUnset: isClockUnset, ...machine };
  return new ApplianceClock(dataDir, all, await readLast(path.join(dataDir, SAVED)));
}

class ApplianceClock implements Clock {
  readonly #dataDir: string;
  readonly #machine: MachineClock;
  #base: number;
  #since: number;
  #isUnset: boolean;
  #wasSet = false;
  #trust: ClockState['trust'];
  readonly endedAt: number;

  /** Handed around as a function. */
  readonly now = (): number => {
    const elapsed = this.#machine.mono() - this.#since;
    const steady = this.#base + elapsed;
    const wall = this.#machine.wall();
    // A clock that was set forward (time synchronised) is followed; one that was set back is caught up with, not obeyed.
    if (wall > steady + STEP_MS) {
      this.#wasSet = true;
      return this.#take(wall);
    }
    if (wall >= steady) return this.#take(wall);
    // Small steps back would add up: as long as it is ahead it runs at half the speed.
    if (steady - wall <= STEP_MS) return this.#take(Math.max(wall, steady - elapsed / 2));
    return Math.round(steady);
  };

  constructor(dataDir: string, machine: MachineClock, last: number) {
    this.#dataDir = dataDir;
    this.#machine = machine;
    this.endedAt = last;
    const { wall, mono, isUnset } = machine;
    this.#base = Math.max(wall(), last);
    this.#since = mono();
    this.#isUnset = isUnset();
    this.#trust = this.state().trust;
  }

  state(): ClockState {
    const off = this.now() - this.#machine.wall();
    if (off > STEP_MS) {
      const seconds = Math.round(off / 1000);
      return {
        trust: 'untrusted',
        reason: `the machine's clock is ${seconds} s behind the last time seen; wait for time synchronisation, set it, or confirm it`,
      };
    }
    if (this.#isUnset) {
      const reason =
        'this machine has no clock that runs while it is off, and has not learnt the time from the network yet';
      return { trust: 'untrusted', reason };
    }
    return { trust: 'trusted', reason: 'the clock runs on from the last time seen' };
  }

  observe(): boolean {
    this.#isUnset &&= this.#machine.isUnset();
    const { trust } = this.state();
    const isNews = this.#wasSet || trust !== this.#trust;
    this.#wasSet = false;
    this.#trust = trust;
    return isNews;
  }

  async confirm(): Promise<void> {
    this.#isUnset = false;
    this.#wasSet = true;
    this.#take(this.#machine.wall());
    await this.save();
  }

  async save(): Promise<void> {
    await mkdir(this.#dataDir, { recursive: true });
    await writeWhole(path.join(this.#dataDir, SAVED), JSON.stringify({ lastAt: this.now() }));
  }

  #take(time: number): number {
    this.#base = time;
    this.#since = this.#machine.mono();
    return Math.round(time);
  }
}

async function readLast(file: string): Promise<number> {
  try {
    const { lastAt } = JSON.parse(await readFile(file, 'utf8')) as { lastAt?: unknown };
    return typeof lastAt === 'number' && Number.isFinite(lastAt) ? lastAt : 0;
  } catch {
    return 0; // No file yet, or a damaged one: the machine's clock is all there is.
  }
}
