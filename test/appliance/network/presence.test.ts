import { describe, expect, test } from 'vitest';
import { judgePresence, sleepMsOf } from '../../../appliance/network/presence.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../appliance/spans.ts';

const now = Date.UTC(2026, 0, 10);
const judge = (misses: number, silentMs: number, spans: { from: number; to: number }[] = []) =>
  judgePresence({ misses, lastSeenAt: now - silentMs, spans }, { now, freshMs: HOUR_MS }).presence;

test('one that answered the last sweep is here, until nobody has asked for a while', () => {
  expect(judge(0, 5 * MINUTE_MS)).toBe('here');
  expect(judge(0, HOUR_MS + 1)).toBe('unsure');
});

describe('gone', () => {
  test('takes two complete sweeps and a minute of silence, neither alone', () => {
    expect(judge(1, DAY_MS)).toBe('unsure');
    expect(judge(2, 59 * SECOND_MS)).toBe('unsure');
    expect(judge(2, 60 * SECOND_MS)).toBe('gone');
  });

  test('is not for one whose agent is connected', () => {
    const device = { misses: 9, lastSeenAt: now - DAY_MS, spans: [] };
    expect(judgePresence(device, { now, freshMs: 1, isHost: true }).presence).toBe('here');
  });

  test('is one that was added by hand and never seen', () => {
    expect(judgePresence({ misses: 0, spans: [] }, { now, freshMs: 1 })).toMatchObject({ presence: 'gone' });
  });
});

describe('sleeping', () => {
  const night = (n: number) => ({ from: now - (n + 1) * DAY_MS, to: now - (n + 1) * DAY_MS + 16 * HOUR_MS });
  const spans = [night(3), night(2), night(1)];

  test('is what came back twice before, for twice its longest absence', () => {
    expect(sleepMsOf(spans)).toBe(16 * HOUR_MS);
    expect(judge(5, 15 * HOUR_MS, spans)).toBe('sleeping');
    expect(judge(5, 16 * HOUR_MS, spans)).toBe('gone');
  });

  test('is expected of nobody who came back only once, and never for longer than a day', () => {
    expect(sleepMsOf(spans.slice(1))).toBeUndefined();
    const rare = [0, 1, 2].map((n) => ({ from: n * 7 * DAY_MS, to: n * 7 * DAY_MS + HOUR_MS }));
    expect(sleepMsOf(rare)).toBe(DAY_MS);
  });

  test('lasts an hour at least', () => {
    const short = [0, 1, 2].map((n) => ({ from: n * HOUR_MS, to: n * HOUR_MS + 59 * MINUTE_MS }));
    expect(sleepMsOf(short)).toBe(HOUR_MS);
  });
});
