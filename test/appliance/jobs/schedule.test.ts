import { describe, expect, test } from 'vitest';
import { nextAt, scheduleText, wrongSchedule } from '../../../appliance/jobs/schedule.ts';

const at = (text: string): number => Date.parse(text);
const iso = (time: number | undefined): string => new Date(time ?? 0).toISOString();
const nights = { cron: '30 2 * * *', zone: 'Europe/Berlin' };

describe('a schedule', () => {
  test('of a span counts from the last time', () => expect(nextAt({ everyMs: 60_000 }, 1_000)).toBe(61_000));
  test('by hand never comes', () => expect(nextAt('by hand', 0)).toBeUndefined());

  test('is in the time zone that it names', () => {
    expect(iso(nextAt({ cron: '0 3 * * *', zone: 'Asia/Kolkata' }, at('2026-06-01T00:00:00Z')))).toBe(
      '2026-06-01T21:30:00.000Z',
    );
  });

  test('runs once in the night in which its time does not exist', () => {
    // 29 March 2026: from 02:00 to 03:00 in Berlin.
    const first = nextAt(nights, at('2026-03-28T12:00:00Z'));
    expect(iso(first)).toBe('2026-03-29T01:00:00.000Z');
    expect(iso(nextAt(nights, first ?? 0))).toBe('2026-03-30T00:30:00.000Z');
  });

  test('runs once in the night in which its time comes twice', () => {
    // 25 October 2026: from 03:00 back to 02:00 in Berlin.
    const first = nextAt(nights, at('2026-10-24T12:00:00Z'));
    expect(iso(first)).toBe('2026-10-25T00:30:00.000Z');
    expect(iso(nextAt(nights, first ?? 0))).toBe('2026-10-26T01:30:00.000Z');
  });

  test('says what is wrong with it', () => {
    expect(wrongSchedule(nights)).toBeUndefined();
    expect(wrongSchedule({ cron: '61 2 * * *', zone: 'UTC' })).toMatch(/minute/i);
    expect(wrongSchedule({ cron: '0 0 31 2 *', zone: 'UTC' })).toMatch(/never/);
    expect(wrongSchedule({ cron: '0 2 * * *', zone: 'Nowhere/At_All' })).toMatch(/zone/i);
  });

  test('is told in words', () => {
    expect(
      [nights, { cron: '5 4 * * 0', zone: 'UTC' }, { cron: '*/5 * * * *', zone: 'UTC' }, { everyMs: 86_400_000 }].map(
        scheduleText,
      ),
    ).toEqual(['every day at 02:30 (Europe/Berlin)', 'every Sunday at 04:05 (UTC)', '*/5 * * * * (UTC)', 'every day']);
  });
});
