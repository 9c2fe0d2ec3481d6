import { describe, expect, it } from 'vitest';
import { offsetOfOld } from '../../../agent/spool/old-clock.ts';

const note = {
  boot: 'b',
  wallAheadMs: 1_000_000,
  offsetMs: null as number | null,
  steps: [] as { mono: number; byMs: number }[],
};
const now = { boot: 'b', wallAheadMs: 1_000_000, offsetMs: 70 };
const frame = { mono: 500 };
const HOUR = 3_600_000;

describe('the time of a frame of an earlier run', () => {
  it('is corrected by what that run had measured, and not by what this one has', () => {
    expect(offsetOfOld({ ...note, offsetMs: 30 }, frame, now)).toBe(30);
  });

  it('is corrected by a step of the clock after it, and not by one before it', () => {
    const steps = [
      { mono: 400, byMs: 7 },
      { mono: 600, byMs: HOUR },
    ];
    expect(offsetOfOld({ ...note, offsetMs: -HOUR, steps }, frame, now)).toBe(0);
  });

  it('follows a wall clock that was set between two runs of one boot, where nothing was measured', () => {
    expect(offsetOfOld(note, frame, { ...now, wallAheadMs: 1_000_000 + HOUR })).toBe(70 + HOUR);
  });

  it('does not tremble with the time since boot, which is told in steps of 10 ms', () => {
    for (const noise of [-20, -10, 10, 20])
      expect(offsetOfOld(note, frame, { ...now, wallAheadMs: 1_000_000 + noise })).toBe(70);
  });

  it('is believed where nothing ties it to this boot', () => {
    expect(offsetOfOld(note, frame, { ...now, boot: 'c', wallAheadMs: 5 })).toBe(0);
    expect(offsetOfOld({ ...note, boot: '' }, frame, { ...now, boot: '', wallAheadMs: 5 })).toBe(0);
  });
});
