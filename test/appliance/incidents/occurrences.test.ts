import { describe, expect, test } from 'vitest';
import {
  nextAfter,
  occurrenceAt,
  occurrencesIn,
  type Planned,
  wrongPlan,
} from '../../../appliance/incidents/occurrences.ts';
import { type MaintenanceSchedule, maintenanceForm, silenceForm } from '../../../protocol/silences.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const at = (text: string): number => Date.parse(text);
const shown = (span: { from: number; to: number } | undefined): string =>
  span === undefined ? 'none' : `${new Date(span.from).toISOString()} – ${new Date(span.to).toISOString()}`;
const berlin = (schedule: MaintenanceSchedule): Planned => ({ schedule, timeZone: 'Europe/Berlin' });
const daily = (from: string, to: string): Planned => berlin({ kind: 'weekly', days: EVERY_DAY, from, to });

describe('weekly maintenance on the clocks of its zone', () => {
  // Berlin: 29 March 2026 02:00 → 03:00 (01:00 UTC); 25 October 2026 03:00 → 02:00 (01:00 UTC).
  test.each([
    ['an ordinary night', '01:00', '04:00', '2026-03-10', '2026-03-10T00:00:00.000Z – 2026-03-10T03:00:00.000Z'],
    ['over the spring gap', '01:00', '04:00', '2026-03-29', '2026-03-29T00:00:00.000Z – 2026-03-29T02:00:00.000Z'],
    ['beginning in the gap', '02:30', '04:00', '2026-03-29', '2026-03-29T01:00:00.000Z – 2026-03-29T02:00:00.000Z'],
    ['ending in the gap', '01:00', '02:30', '2026-03-29', '2026-03-29T00:00:00.000Z – 2026-03-29T01:00:00.000Z'],
    ['over the double hour', '01:00', '04:00', '2026-10-25', '2026-10-24T23:00:00.000Z – 2026-10-25T03:00:00.000Z'],
    [
      'beginning in the double hour',
      '02:30',
      '04:00',
      '2026-10-25',
      '2026-10-25T00:30:00.000Z – 2026-10-25T03:00:00.000Z',
    ],
    [
      'ending in the double hour',
      '01:00',
      '02:30',
      '2026-10-25',
      '2026-10-24T23:00:00.000Z – 2026-10-25T00:30:00.000Z',
    ],
    ['past midnight', '23:00', '02:30', '2026-03-29', '2026-03-29T21:00:00.000Z – 2026-03-30T00:30:00.000Z'],
  ])('%s', (_what, from, to, day, expected) => {
    const midnight = at(`${day}T00:00:00Z`) - 2 * HOUR;
    expect(shown(nextAfter(daily(from, to), midnight))).toBe(expected);
  });

  test('that lies in the spring gap altogether does not take place, and the next day it does', () => {
    const planned = daily('02:10', '02:50');
    const found = occurrencesIn(planned, { from: at('2026-03-28T12:00:00Z'), to: at('2026-03-30T12:00:00Z') });
    expect(found.map(shown)).toEqual(['2026-03-30T00:10:00.000Z – 2026-03-30T00:50:00.000Z']);
  });

  test('lasts as long as people mean in each of the 365 nights of a year', () => {
    const year = { from: at('2026-01-01T00:00:00Z'), to: at('2027-01-01T00:00:00Z') };
    const hours = occurrencesIn(daily('01:00', '04:00'), year).map(({ from, to }) => (to - from) / HOUR);
    expect(hours).toHaveLength(365);
    expect([hours.filter((h) => h === 3).length, hours.filter((h) => h === 2).length]).toEqual([363, 1]);
    expect(hours.filter((h) => h === 4)).toHaveLength(1);
  });

  test('begins only on its days, also when it goes on into the next one', () => {
    const planned = berlin({ kind: 'weekly', days: [6], from: '22:00', to: '02:00' });
    const sundayNight = at('2026-06-07T00:30:00+02:00');
    expect(shown(occurrenceAt(planned, sundayNight))).toBe('2026-06-06T20:00:00.000Z – 2026-06-07T00:00:00.000Z');
    expect(occurrenceAt(planned, sundayNight + DAY)).toBeUndefined();
  });
});

describe('maintenance by cron and once', () => {
  test('lasts the minutes that pass, whatever the clocks do', () => {
    const planned = berlin({ kind: 'cron', cron: '0 1 * * 0', minutes: 180 });
    const spring = nextAfter(planned, at('2026-03-28T12:00:00Z'));
    expect(shown(spring)).toBe('2026-03-29T00:00:00.000Z – 2026-03-29T03:00:00.000Z');
  });

  test('that overlaps itself is under way until the last one ends', () => {
    const planned = berlin({ kind: 'cron', cron: '0 * * * *', minutes: 90 });
    expect(shown(occurrenceAt(planned, at('2026-06-01T10:15:00Z')))).toBe(
      '2026-06-01T10:00:00.000Z – 2026-06-01T11:30:00.000Z',
    );
  });

  test('the end does not belong to it, the beginning does', () => {
    const planned = berlin({ kind: 'once', startsAt: at('2026-06-01T10:00:00Z'), endsAt: at('2026-06-01T11:00:00Z') });
    expect(occurrenceAt(planned, at('2026-06-01T10:00:00Z'))).toBeDefined();
    expect(occurrenceAt(planned, at('2026-06-01T11:00:00Z'))).toBeUndefined();
    expect(nextAfter(planned, at('2026-06-01T10:00:00Z'))).toBeUndefined();
  });

  test.each([
    ['0 0 30 2 *', 'never comes'],
    ['* * * * *', 'more often than each half hour'],
    ['61 * * * *', 'no cron text'],
    ['a b c d e', 'no cron text'],
    ['0 0 * * 1-', 'no cron text'],
  ])('%s is refused with its cure', (cron, words) => {
    expect(wrongPlan(berlin({ kind: 'cron', cron, minutes: 60 }), at('2026-06-01T00:00:00Z'))).toContain(words);
  });
});

describe('hostile forms', () => {
  const good = {
    ...{ title: 'Updates', reason: 'monthly', match: {} },
    schedule: { kind: 'weekly', days: [1], from: '01:00', to: '02:00' },
  };
  test('a good one is taken with what was left out', () => {
    expect(maintenanceForm.parse(good)).toMatchObject({ isEnabled: true, match: { hostIds: [], severities: [] } });
  });

  test.each([
    ['a cron text without end', { schedule: { kind: 'cron', cron: `${'1,'.repeat(100)}1 * * * *`, minutes: 1 } }],
    ['six fields', { schedule: { kind: 'cron', cron: '0 0 0 * * *', minutes: 1 } }],
    ['a line break', { schedule: { kind: 'cron', cron: '0 0 *\n* *', minutes: 1 } }],
    ['no days', { schedule: { kind: 'weekly', days: [], from: '01:00', to: '02:00' } }],
    ['an end that is the beginning', { schedule: { kind: 'weekly', days: [1], from: '01:00', to: '01:00' } }],
    ['25 o’clock', { schedule: { kind: 'weekly', days: [1], from: '25:00', to: '01:00' } }],
    ['an end before the beginning', { schedule: { kind: 'once', startsAt: 1e12, endsAt: 1e12 - 1 } }],
    ['a moment that is none', { schedule: { kind: 'once', startsAt: Number.NaN, endsAt: Number.POSITIVE_INFINITY } }],
    ['eight days of minutes', { schedule: { kind: 'cron', cron: '0 0 * * *', minutes: 11_521 } }],
    ['a zone that is none', { timeZone: '../../etc/passwd' }],
    ['an offset for a zone', { timeZone: '+02:00' }],
    ['control characters', { title: 'a\u0000b' }],
    ['no reason', { reason: ' ' }],
    ['fields that nobody knows', { match: { $where: '1' } }],
    ['an id that is none', { match: { hostIds: ['nas'] } }],
    ['one host twice', { match: { hostIds: Array(2).fill('0193a000-0000-7000-8000-00000000000a') } }],
  ])('%s is refused', (_what, change) => {
    expect(maintenanceForm.safeParse({ ...good, ...change }).success).toBe(false);
  });

  test('a silence without an end is refused', () => {
    expect(silenceForm.safeParse({ reason: 'rebuild' }).success).toBe(false);
    expect(silenceForm.safeParse({ reason: 'rebuild', endsAt: 1e13 }).success).toBe(false);
  });
});
