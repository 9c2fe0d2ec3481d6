import { describe, expect, test } from 'vitest';
import { pastText, stretchesOf } from '../../../web-components/host/service-past.ts';
import { wantedWith } from '../../../web-components/host/service-wishes.ts';
import { minuteTime } from '../../../web-components/times.ts';

const FROM = new Date(2026, 10, 21, 8).getTime();
const MINUTE = 60_000;
const past = (min: (number | null)[], max = min) => ({
  at: min.map((_, step) => FROM + step * MINUTE),
  ...{ to: FROM + min.length * MINUTE, stepMs: MINUTE, min, max },
});
const wordsOf = (...pasts: ReturnType<typeof past>[]) =>
  stretchesOf(pasts).map(({ from, to, is }) => [is, (from - FROM) / MINUTE, (to - FROM) / MINUTE]);

describe('what became of a service', () => {
  test('is stretches of one state, with what is not known apart', () => {
    expect(wordsOf(past([1, 1, 0, 0, null, 1]))).toEqual([
      ['up', 0, 2],
      ['down', 2, 4],
      ['unknown', 4, 5],
      ['up', 5, 6],
    ]);
    expect(wordsOf(past([1, 0, Number.NaN], [1, 1, Number.NaN]))).toEqual([
      ['up', 0, 1],
      ['partly', 1, 2],
      ['unknown', 2, 3],
    ]);
    expect(stretchesOf([])).toEqual([]);
  });

  test('goes over a change of its flag, which makes another series of it', () => {
    expect(wordsOf(past([1, 1, null, null]), past([null, null, 0, 1]))).toEqual([
      ['up', 0, 2],
      ['down', 2, 3],
      ['up', 3, 4],
    ]);
  });

  test('is said in words: how often it was down, and when last', () => {
    const now = FROM + 30 * MINUTE;
    const text = (min: (number | null)[], max = min) => pastText(stretchesOf([past(min, max)]), now);
    expect(text([1, 1])).toBe('Ran whenever it was looked at');
    expect(text([null])).toBe('Nothing is known yet');
    expect(text([1, 0, 0, 1])).toBe(`Down once, last from ${minuteTime(FROM + MINUTE)}`);
    expect(text([0, 1, 0, 0, 1], [1, 1, 1, 0, 1])).toBe(`Down 2 times, last from ${minuteTime(FROM + 2 * MINUTE)}`);
    expect(pastText(stretchesOf([past([0])]), now + 86_400_000)).toMatch(
      /^Down once, last from (?:21 Nov|Nov 21) \d\d:\d\d$/,
    );
  });
});

describe('what a person wants of a service', () => {
  const host = { services: ['nginx'], criticalServices: ['postgresql'] };
  const lists = ({ services, criticalServices }: ReturnType<typeof wantedWith>) => [services, criticalServices];

  test.each([
    ['sshd', 'expected', [['nginx', 'postgresql', 'sshd'], ['postgresql']]],
    [
      'sshd',
      'critical',
      [
        ['nginx', 'postgresql', 'sshd'],
        ['postgresql', 'sshd'],
      ],
    ],
    [
      'nginx',
      'critical',
      [
        ['nginx', 'postgresql'],
        ['postgresql', 'nginx'],
      ],
    ],
    ['postgresql', 'expected', [['nginx', 'postgresql'], []]],
    ['postgresql', 'none', [['nginx'], []]],
    ['never', 'none', [['nginx', 'postgresql'], ['postgresql']]],
  ] as const)('%s as %s', (name, as, wanted) => expect(lists(wantedWith(host, { name, as }))).toEqual(wanted));

  test('begins with empty lists', () => {
    expect(lists(wantedWith({}, { name: 'frigate', as: 'critical' }))).toEqual([['frigate'], ['frigate']]);
  });
});
