import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openClock } from '../../appliance/clock.ts';
import { isClockUnset } from '../../appliance/machine-clock.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const HOUR = 3_600_000;
const NOON = 1_800_000_000_000;

/** A machine whose clocks a test sets. */
function machineAt(wall: number, isUnset = false) {
  const state = { wall, mono: 0, isUnset };
  const clocks = { wall: () => state.wall, mono: () => state.mono, isUnset: () => state.isUnset };
  return {
    ...clocks,
    state,
    /** Time passes. */
    pass(ms: number) {
      state.wall += ms;
      state.mono += ms;
    },
  };
}

/** A data directory in which an appliance ended at that time. */
async function endedAt(wall: number): Promise<string> {
  const dir = temporaryDirectory();
  await (await openClock(dir, machineAt(wall))).save();
  return dir;
}

describe('the clock of the appliance', () => {
  test('never starts before the last time it saw, and says that it is not to be believed', async () => {
    const clock = await openClock(await endedAt(NOON), machineAt(1_000_000_000_000));
    expect(clock.now()).toBe(NOON);
    expect(clock.state().trust).toBe('untrusted');
  });

  test('is trusted again when the machine has learnt the time, and says once that this is news', async () => {
    const machine = machineAt(NOON - 48 * HOUR);
    const clock = await openClock(await endedAt(NOON), machine);
    machine.pass(5_000);
    expect(clock.observe()).toBe(false);
    machine.state.wall = NOON + HOUR;
    expect(clock.now()).toBe(NOON + HOUR);
    expect(clock.state().trust).toBe('trusted');
    expect([clock.observe(), clock.observe()]).toEqual([true, false]);
  });

  test('is trusted when it has caught up with a machine that was only a little behind', async () => {
    const machine = machineAt(NOON - 10_000);
    const clock = await openClock(await endedAt(NOON), machine);
    expect(clock.state().trust).toBe('untrusted');
    machine.state.wall = NOON + 3_000;
    machine.state.mono = 1_000;
    expect([clock.observe(), clock.state().trust]).toEqual([true, 'trusted']);
  });

  test.each([-24, -1, 1, 24])(
    'a step of %i h within a run: it never runs backwards, and follows forwards',
    async (hours) => {
      const machine = machineAt(NOON);
      const clock = await openClock(temporaryDirectory(), machine);
      machine.pass(10_000);
      const before = clock.now();
      machine.state.wall += hours * HOUR;
      expect(clock.now()).toBe(hours > 0 ? before + hours * HOUR : before);
      expect(clock.state().trust).toBe(hours > 0 ? 'trusted' : 'untrusted');
      expect(clock.observe()).toBe(true);
      machine.pass(10_000);
      expect(clock.now()).toBe((hours > 0 ? before + hours * HOUR : before) + 10_000);
    },
  );

  test('follows small steps without a word: synchronisation makes them all the time', async () => {
    const machine = machineAt(NOON);
    const clock = await openClock(temporaryDirectory(), machine);
    for (const step of [1_500, -900, 300, -1_900]) {
      machine.pass(60_000);
      const before = clock.now();
      machine.state.wall += step;
      expect(clock.now()).toBeGreaterThanOrEqual(before);
      expect([clock.observe(), clock.state().trust]).toEqual([false, 'trusted']);
    }
  });

  test('goes back when a person confirms the machine’s time, and stays there over a restart', async () => {
    const machine = machineAt(NOON);
    const dir = await endedAt(NOON + 1_000 * HOUR);
    const clock = await openClock(dir, machine);
    expect([clock.now(), clock.state().trust]).toEqual([NOON + 1_000 * HOUR, 'untrusted']);
    await clock.confirm();
    expect([clock.now(), clock.state().trust, clock.observe()]).toEqual([NOON, 'trusted', true]);
    const next = await openClock(dir, machine);
    expect([next.now(), next.state().trust]).toEqual([NOON, 'trusted']);
  });

  test('is not believed on a machine that cannot know the time, until it is told or a person confirms', async () => {
    const machine = machineAt(NOON, true);
    const dir = await endedAt(NOON - HOUR);
    const clock = await openClock(dir, machine);
    expect([clock.now(), clock.state().trust, clock.observe()]).toEqual([NOON, 'untrusted', false]);
    machine.state.isUnset = false;
    expect([clock.observe(), clock.state().trust]).toEqual([true, 'trusted']);
    const again = await openClock(dir, machineAt(NOON, true));
    await again.confirm();
    expect(again.state().trust).toBe('trusted');
  });

  test.each(['{"lastAt":', '{"lastAt":"soon"}', '{"lastAt":null}', '[]', ''])(
    'a damaged file (%s) is no reason not to start',
    async (text) => {
      const dir = temporaryDirectory();
      writeFileSync(path.join(dir, 'clock.json'), text);
      expect((await openClock(dir, machineAt(5_000))).now()).toBe(5_000);
    },
  );
});

test('a machine without a clock of its own does not know the time until timesyncd has told it', () => {
  const root = temporaryDirectory();
  expect(isClockUnset(root)).toBe(false);
  const timesync = path.join(root, 'run/systemd/timesync');
  mkdirSync(timesync, { recursive: true });
  expect(isClockUnset(root)).toBe(true);
  mkdirSync(path.join(root, 'sys/class/rtc/rtc0'), { recursive: true });
  expect(isClockUnset(root)).toBe(false);
  const pi = temporaryDirectory();
  mkdirSync(path.join(pi, 'run/systemd/timesync'), { recursive: true });
  mkdirSync(path.join(pi, 'sys/class/rtc'), { recursive: true });
  expect(isClockUnset(pi)).toBe(true);
  writeFileSync(path.join(pi, 'run/systemd/timesync/synchronized'), '');
  expect(isClockUnset(pi)).toBe(false);
});
