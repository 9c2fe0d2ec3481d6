import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { above } from '../../../../appliance/alerts/conditions/above.ts';
import { Judge } from '../../../../appliance/alerts/engine/judge.ts';
import { Sustain } from '../../../../appliance/alerts/engine/sustain.ts';

const rows = readFileSync(new URL('../../../fixtures/alerts/busy-machine.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(',').map(Number));
const WAITING = 1;
const WRITTEN = 2;

/** Moments at which it fired and was resolved. */
function episodes(
  column: number,
  settings: { threshold: number; clear: number },
  pace: { forMs: number; share: number; clearForMs: number },
): number[][] {
  const sustain = new Sustain({ ...pace, gapMs: 2_500 });
  const watch = above.open(settings).watch();
  const found: number[][] = [];
  for (const row of rows) {
    const [at = 0, value = 0] = [row[0], row[column]];
    const step = sustain.observe(watch.of(value, at), at);
    if (step === 'fired') found.push([at]);
    if (step === 'cleared') found.at(-1)?.push(at);
  }
  return found;
}

describe('a recorded machine gives the answers that are known', () => {
  test('more than 24 processes for 60 % of 10 s', () =>
    expect(episodes(WAITING, { threshold: 24, clear: 20 }, { forMs: 10_000, share: 0.6, clearForMs: 0 })).toEqual([
      [43_014, 44_011],
    ]));

  test('more than 20 processes for 70 % of 30 s, clear for 2 s', () =>
    expect(episodes(WAITING, { threshold: 20, clear: 18 }, { forMs: 30_000, share: 0.7, clearForMs: 2_000 })).toEqual([
      [35_000, 51_004],
    ]));

  test('more than 30 processes at once, clear for 1 s', () =>
    expect(episodes(WAITING, { threshold: 30, clear: 22 }, { forMs: 0, share: 1, clearForMs: 1_000 })).toEqual([
      [29_001, 46_000],
      [56_000, 63_001],
      [165_000, 168_010],
    ]));

  test('more than 1 MB a second for half of 5 s, clear for 2 s', () =>
    expect(episodes(WRITTEN, { threshold: 1, clear: 0.1 }, { forMs: 5_000, share: 0.5, clearForMs: 2_000 })).toEqual([
      [39_006, 156_002],
    ]));

  test('more than 3 MB a second at once, clear for 5 s', () =>
    expect(episodes(WRITTEN, { threshold: 3, clear: 0.5 }, { forMs: 0, share: 1, clearForMs: 5_000 })).toEqual([
      [11_002, 31_000],
      [34_000, 101_038],
      [119_000, 144_003],
      [196_000, 218_000],
    ]));

  test('more than 15 processes for 90 % of a minute: never', () =>
    expect(episodes(WAITING, { threshold: 15, clear: 15 }, { forMs: 60_000, share: 0.9, clearForMs: 0 })).toEqual([]));
});

test('five of these changes in four minutes are flapping: the fifth begins the hold, and the rest is not told', () => {
  const judge = new Judge({ forMs: 0, share: 1, clearForMs: 5_000, gapMs: 2_500 });
  const watch = above.open({ threshold: 3, clear: 0.5 }).watch();
  const told = rows.flatMap(([at = 0, , value = 0]) => judge.observe(watch.of(value, at), value, at) ?? []);
  expect(told.map(({ kind, at }) => `${kind}@${at}`)).toEqual([
    'fired@11002',
    'resolved@31000',
    'fired@34000',
    'resolved@101038',
    'fired@119000',
  ]);
  expect(told.at(-1)?.heldUntil).toBe(119_000 + 15 * 60_000);
  expect(judge.tick(119_000 + 15 * 60_000)?.kind).toBe('resolved');
});
