import { describe, expect, it } from 'vitest';
import { OffsetClock, type TimeRound } from '../../agent/clock.ts';

const START = 1_790_000_000_000;
/** Clocks `mono` ms after the start; the wall clock set by `setBy`, the machine asleep for `slept`. */
const clocks = (mono: number, { setBy = 0, slept = 0 } = {}) => ({
  wall: START + mono + slept + setBy,
  mono,
  boot: () => 50_000 + mono + slept,
});
/** A round in which the appliance is `ahead`, and its answer took `there` and `back`. */
const round = (mono: number, ahead: number, [there, back]: [number, number]): TimeRound => ({
  askedWall: START + mono,
  askedMono: mono,
  answeredMono: mono + there + back,
  theirs: START + mono + there + ahead,
});

describe('the clock offset', () => {
  it('is 0 until it is measured', () => {
    const clock = new OffsetClock(clocks(0));
    expect([clock.offsetMs, clock.isMeasured]).toEqual([0, false]);
    expect(clock.take([])).toBe(false);
  });

  it('is taken from the round with the shortest way, half of which is taken off', () => {
    const clock = new OffsetClock(clocks(0));
    expect(clock.take([round(0, 60_000, [400, 2]), round(500, 60_000, [5, 5]), round(600, 60_000, [2, 300])])).toBe(
      true,
    );
    expect(clock.offsetMs).toBe(60_000);
  });

  it('is not moved by less than 250 ms, and by more at once', () => {
    const clock = new OffsetClock(clocks(0));
    clock.take([round(0, 1_000, [1, 1])]);
    expect(clock.take([round(0, 1_249, [1, 1])])).toBe(false);
    expect(clock.offsetMs).toBe(1_000);
    expect(clock.take([round(0, 1_250, [1, 1])])).toBe(true);
    expect(clock.offsetMs).toBe(1_250);
  });

  it.each([3_600_000, -3_600_000])(
    'follows a wall clock that was set by %i ms, and keeps the old one for older frames',
    (setBy) => {
      const clock = new OffsetClock(clocks(0));
      clock.take([round(0, 2_000, [1, 1])]);
      expect(clock.observe(clocks(5_000))).toBe(false);
      expect(clock.observe(clocks(10_000, { setBy }))).toBe(true);
      expect(clock.offsetFor({ mono: 5_000 })).toBe(2_000);
      expect(clock.offsetFor({ mono: 10_000 })).toBe(2_000 - setBy);
      clock.take([{ ...round(11_000, 2_000, [1, 1]), askedWall: START + 11_000 + setBy }]);
      expect(clock.offsetFor({ mono: 5_000 })).toBe(2_000);
      expect(clock.observe(clocks(15_000, { setBy }))).toBe(false);
    },
  );

  it('is not moved by sleep, in which the wall clock goes on and the monotonic one does not', () => {
    const clock = new OffsetClock(clocks(0));
    clock.take([round(0, 2_000, [1, 1])]);
    expect(clock.observe(clocks(10_000, { slept: 8 * 3_600_000 }))).toBe(false);
    expect(clock.offsetFor({ mono: 5_000 })).toBe(2_000);
    expect(clock.offsetFor({ mono: 10_000 })).toBe(2_000);
  });

  it('tells sleep and a clock that was set at waking up apart', () => {
    const clock = new OffsetClock(clocks(0));
    expect(clock.observe(clocks(10_000, { slept: 3_600_000, setBy: 60_000 }))).toBe(true);
    expect(clock.offsetMs).toBe(-60_000);
  });
});
