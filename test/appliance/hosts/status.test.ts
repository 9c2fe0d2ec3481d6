import { describe, expect, test } from 'vitest';
import { inWords, judgeStatus } from '../../../appliance/hosts/status.ts';

const at = 1_000_000;
const signs = { intervalMs: 5_000, lastSeenAt: at };

describe('a host is', () => {
  test('unknown before its first frame', () => {
    expect(judgeStatus({ intervalMs: 5_000 }, at).status).toBe('unknown');
    expect(judgeStatus({ intervalMs: 5_000, closedAt: at }, at + 60_000)).toMatchObject({
      status: 'unknown',
      reason: 'It was paired and has not reported yet.',
    });
  });

  test.each([
    [0, 'online'],
    [12_500, 'online'],
    [12_501, 'stale'],
    [600_000, 'stale'],
  ])('%d ms after its last frame, with an open session: %s', (ms, status) => {
    expect(judgeStatus(signs, at + ms).status).toBe(status);
  });

  test.each([
    [12_500, 'online'],
    [14_999, 'stale'],
    [15_001, 'offline'],
  ])('%d ms after session and frames ended: %s', (ms, status) => {
    expect(judgeStatus({ ...signs, closedAt: at }, at + ms).status).toBe(status);
  });

  test('offline as soon as its agent is revoked or in quarantine', () => {
    expect(judgeStatus({ ...signs, barred: 'revoked' }, at)).toEqual({
      status: 'offline',
      reason: 'Its agent was revoked.',
    });
    expect(judgeStatus({ ...signs, barred: 'quarantined' }, at)).toMatchObject({
      status: 'offline',
      reason: expect.stringContaining('Two machines use'),
    });
  });
});

test.each([
  [1_000, '1 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [180_000_000, '2 d'],
])('%d ms is %s', (ms, words) => expect(inWords(ms)).toBe(words));
