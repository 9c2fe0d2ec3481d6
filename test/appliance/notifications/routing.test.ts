import { describe, expect, test } from 'vitest';
import { categoryOf } from '../../../appliance/notifications/category.ts';
import { nextClockTime, quietUntil } from '../../../appliance/notifications/quiet.ts';
import { channelsOf, type Routed, wayOf } from '../../../appliance/notifications/routing.ts';
import { quietWindow, routeFields } from '../../../protocol/notifications.ts';
import type { NotificationSettings } from '../../../protocol/settings/notifications.ts';

const BERLIN = 'Europe/Berlin';
const [MAIL, SLACK] = ['0193a000-0000-7000-8000-000000000001', '0193a000-0000-7000-8000-000000000002'] as const;
const night = quietWindow.parse({ days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '07:00' });
const high: Routed = { severity: 'high', category: 'performance', tags: [], isEnd: false };
const at = (text: string): number => Date.parse(text);

describe('quiet hours', () => {
  const until = (text: string, windows = [night], routed = high) => {
    const found = quietUntil(at(text), { windows, timeZone: BERLIN }, routed);
    return found === undefined ? undefined : new Date(found).toISOString();
  };

  test('hold from evening to morning by the clocks of the site, and not a minute longer', () => {
    expect(until('2026-11-21T20:59:00Z')).toBeUndefined();
    expect(until('2026-11-21T21:00:00Z')).toBe('2026-11-22T06:00:00.000Z');
    expect(until('2026-11-22T05:59:59Z')).toBe('2026-11-22T06:00:00.000Z');
    expect(until('2026-11-22T06:00:00Z')).toBeUndefined();
  });

  test('end at the right moment in the nights in which clocks change', () => {
    // Spring: 02:00 CET becomes 03:00 CEST on 2026-03-29. Autumn: 03:00 CEST becomes 02:00 CET on 2026-10-25.
    expect(until('2026-03-28T22:30:00Z')).toBe('2026-03-29T05:00:00.000Z');
    expect(until('2026-10-24T21:30:00Z')).toBe('2026-10-25T06:00:00.000Z');
  });

  test('let worse things through, and hold only their categories', () => {
    expect(until('2026-11-21T23:00:00Z', [night], { ...high, severity: 'critical' })).toBeUndefined();
    const storage = quietWindow.parse({ ...night, categories: ['storage'] });
    expect(until('2026-11-21T23:00:00Z', [storage])).toBeUndefined();
    expect(until('2026-11-21T23:00:00Z', [storage], { ...high, category: 'storage' })).toBeDefined();
  });

  test('belong to the day on which they begin', () => {
    const friday = quietWindow.parse({ ...night, days: [5] }); // 2026-11-20 is a Friday.
    expect(until('2026-11-20T23:00:00Z', [friday])).toBe('2026-11-21T06:00:00.000Z');
    expect(until('2026-11-21T02:00:00Z', [friday])).toBe('2026-11-21T06:00:00.000Z');
    expect(until('2026-11-21T23:00:00Z', [friday])).toBeUndefined();
  });

  test('that follow each other count as one', () => {
    const morning = quietWindow.parse({ ...night, from: '07:00', to: '09:30' });
    expect(until('2026-11-21T23:00:00Z', [night, morning])).toBe('2026-11-22T08:30:00.000Z');
  });

  test('that never end end all the same: a message is not held for ever', () => {
    const halves = [
      quietWindow.parse({ ...night, from: '00:00', to: '12:00' }),
      quietWindow.parse({ ...night, from: '12:00', to: '00:00' }),
    ];
    expect(until('2026-11-21T23:00:00Z', halves)).toBeDefined();
  });
});

test('a time that clocks leave out comes after the gap', () => {
  const next = nextClockTime(at('2026-03-29T00:00:00Z'), '02:30', BERLIN);
  expect(next).toBeGreaterThanOrEqual(at('2026-03-29T01:00:00Z'));
  expect(next).toBeLessThanOrEqual(at('2026-03-29T01:30:00Z'));
});

describe('routes', () => {
  const all = [MAIL, SLACK];
  const route = (given: object) => routeFields.parse({ title: 'r', channelIds: [MAIL], ...given });

  test('all channels, as long as nobody made a route', () => {
    expect(channelsOf(high, [], all)).toEqual(all);
  });

  test('every route that fits adds its channels, each once', () => {
    const routes = [route({}), route({ severities: ['high'], channelIds: [SLACK, MAIL] })];
    expect(channelsOf(high, routes, all)).toEqual(all);
    expect(channelsOf({ ...high, severity: 'low' }, routes, all)).toEqual([MAIL]);
  });

  test.each([
    ['another severity', { severities: ['low'] }],
    ['another category', { categories: ['storage'] }],
    ['hosts with a tag', { tags: ['video'] }],
    ['switched off', { isEnabled: false }],
  ])('one for %s does not fit', (_title, given) => {
    expect(channelsOf(high, [route(given)], all)).toEqual([]);
  });

  test('one that does not tell the end tells the beginning only', () => {
    const routes = [route({ tellsEnd: false })];
    expect(channelsOf(high, routes, all)).toEqual([MAIL]);
    expect(channelsOf({ ...high, isEnd: true }, routes, all)).toEqual([]);
  });

  test('channels that are gone or switched off get nothing', () => {
    expect(channelsOf(high, [route({})], [SLACK])).toEqual([]);
  });
});

describe('the way of a message', () => {
  const context = {
    now: at('2026-11-21T12:00:00Z'),
    timeZone: BERLIN,
    settings: {
      quiet: [night, quietWindow.parse({ days: [6], from: '12:30', to: '14:00', categories: ['storage'] })],
      low: 'digest',
      digestAt: '08:00',
    } as NotificationSettings,
    routes: [],
    channelIds: [MAIL],
  };

  test('leads at once to its channels', () => {
    expect(wayOf(high, context)).toEqual({ channelIds: [MAIL] });
  });

  test('of low severity leads into the digest of the next morning', () => {
    const way = wayOf({ ...high, severity: 'low' }, context);
    expect(new Date(way.digestAt ?? 0).toISOString()).toBe('2026-11-22T07:00:00.000Z');
    expect(way.held).toContain('once a day');
    const never = { ...context, settings: { ...context.settings, low: 'never' as const } };
    expect(wayOf({ ...high, severity: 'low' }, never)).toMatchObject({ channelIds: [] });
  });

  test('in quiet hours leads to their end, and says why', () => {
    const way = wayOf(high, { ...context, now: at('2026-11-21T23:00:00Z') });
    expect(way).toEqual({ channelIds: [MAIL], digestAt: at('2026-11-22T06:00:00Z'), held: 'quiet hours' });
  });

  test('each window holds back only what it is about', () => {
    const now = at('2026-11-21T11:45:00Z'); // A Saturday, 12:45 in Berlin.
    expect(wayOf({ ...high, category: 'storage' }, { ...context, now })).toMatchObject({
      digestAt: at('2026-11-21T13:00:00Z'),
      held: 'quiet hours',
    });
    expect(wayOf({ ...high, category: 'offline' }, { ...context, now })).toEqual({ channelIds: [MAIL] });
    expect(wayOf({ ...high, category: 'storage', severity: 'critical' }, { ...context, now })).toEqual({
      channelIds: [MAIL],
    });
  });

  test('that leads nowhere says so', () => {
    expect(wayOf(high, { ...context, channelIds: [] })).toEqual({
      channelIds: [],
      held: 'no route leads to a channel',
    });
  });
});

test.each([
  [{ condition: { id: 'absent', settings: {} } }, 'offline'],
  [
    { condition: { id: 'above', settings: {} }, series: { metric: 'system.filesystem.utilization', attributes: {} } },
    'storage',
  ],
  [
    { condition: { id: 'above', settings: {} }, series: { metric: 'system.cpu.utilization', attributes: {} } },
    'performance',
  ],
  [{ condition: { id: 'absent', settings: {} }, series: { metric: 'hw.temperature', attributes: {} } }, 'hardware'],
  [{ condition: { id: 'fact', settings: {} }, fact: { kind: 'backup', key: 'b' } }, 'reeve'],
  [{ condition: { id: 'fact', settings: {} }, fact: { kind: 'never heard of', key: 'b' } }, 'other'],
  [{ condition: { id: 'above', settings: {} }, series: { metric: 'garden.moisture', attributes: {} } }, 'other'],
] as const)('%o is about %s', (alert, category) => {
  expect(categoryOf(alert as never)).toBe(category);
});
