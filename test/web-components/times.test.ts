import { describe, expect, test } from 'vitest';
import { NBSP } from '../../web-components/format.ts';
import {
  clockTime,
  countdown,
  exactTime,
  formatSpan,
  formatUptime,
  minuteTime,
  relativeTime,
  sinceText,
} from '../../web-components/times.ts';

const plain = (text: string) => text.replaceAll(NBSP, ' ');
const at = new Date(2026, 10, 21, 14, 3, 5).getTime();

describe('times', () => {
  test('are local, with leading zeros', () => {
    expect(clockTime(at)).toBe('14:03:05');
    expect(minuteTime(at)).toBe('14:03');
    expect(exactTime(at)).toBe('2026-11-21 14:03:05');
  });

  test.each([
    [-5, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [5_400_000, '1 h'],
    [42 * 86_400_000 + 5, '42 d'],
  ])('%d ms are %s', (spanMs, expected) => expect(plain(formatSpan(spanMs))).toBe(expected));

  test('relative ones say now, ago and in', () => {
    expect(relativeTime(at, at + 1_500)).toBe('now');
    expect(plain(relativeTime(at, at + 185_000))).toBe('3 min ago');
    expect(plain(relativeTime(at + 7_200_000, at))).toBe('in 2 h');
  });

  test('an uptime has its arrow', () => expect(plain(formatUptime(42 * 86_400_000))).toBe('↑ 42 d'));

  test('a countdown ends at zero', () => {
    expect(countdown(845_000)).toBe('14:05');
    expect(countdown(1)).toBe('00:01');
    expect(countdown(-1)).toBe('00:00');
  });

  test('of another day carry the day', () => {
    expect(sinceText(at, at + 60_000)).toBe('14:03:05');
    expect(sinceText(at, at + 86_400_000)).toBe('2026-11-21 14:03:05');
  });
});
