import { describe, expect, test } from 'vitest';
import { conditionOf, conditions } from '../../../appliance/alerts/conditions/index.ts';
import { showValue } from '../../../appliance/alerts/words.ts';

function opened(id: string, settings: unknown) {
  const found = conditionOf(id);
  if (!found) throw new Error(`there is no condition ${id}`);
  return found.open(found.settings.parse(settings), undefined);
}

/** First letters of the verdicts: b(roken), n(ear), c(lear). */
function verdicts(id: string, settings: unknown, values: readonly number[], stepMs = 5_000): string {
  const watch = opened(id, settings).watch();
  return values.map((value, i) => watch.of(value, i * stepMs)[0]).join('');
}

describe('verdicts', () => {
  const cases: [name: string, id: string, settings: unknown, values: number[], told: string][] = [
    ['above, at the threshold is not above', 'above', { threshold: 90 }, [89, 90, 91], 'ccb'],
    ['above with a clear level', 'above', { threshold: 90, clear: 80 }, [91, 90, 81, 80], 'bnnc'],
    ['below, at the threshold is not below', 'below', { threshold: 10 }, [11, 10, 9], 'ccb'],
    ['below with a clear level', 'below', { threshold: 10, clear: 20 }, [9, 10, 19, 20], 'bnnc'],
    ['outside a range', 'outside', { from: -60, to: 60 }, [-61, -60, 0, 60, 61], 'bcccb'],
    ['outside a range with a margin', 'outside', { from: 0, to: 10, margin: 1 }, [-1, 0, 1, 9, 10, 11], 'bnccnb'],
    ['a state', 'equals', { value: 0 }, [1, 0, 1], 'cbc'],
    ['silence', 'absent', {}, [0, 179_999, 180_000], 'ccb'],
    ['a forecast in days, never counts as clear', 'forecast', {}, [7, 8, 9, Number.POSITIVE_INFINITY, 0], 'bnccb'],
    ['a fact', 'fact', {}, [0, 1, 0], 'cbc'],
  ];
  for (const [name, id, settings, values, told] of cases)
    test(name, () => expect(verdicts(id, settings, values)).toBe(told));
});

describe('a change', () => {
  test('is broken for as long as it is kept, and the first value is none', () =>
    expect(verdicts('changed', { keepMs: 15_000 }, [1, 1, 2, 2, 2, 2, 2])).toBe('ccbbbcc'));
  test('a change back is one more', () =>
    expect(verdicts('changed', { keepMs: 10_000 }, [1, 2, 1, 1, 1])).toBe('cbbbc'));
});

describe('a rate of change', () => {
  const ramp = Array.from({ length: 40 }, (_, i) => i);
  test('is measured over the span', () => {
    // One unit in 5 s is 12 in a minute.
    expect(verdicts('rate', { by: 11, withinMs: 60_000 }, ramp).slice(13)).toBe('b'.repeat(27));
    expect(verdicts('rate', { by: 13, withinMs: 60_000 }, ramp)).toBe('c'.repeat(40));
  });
  test('a jump counts until it is older than the span', () =>
    expect(verdicts('rate', { by: 5, withinMs: 20_000 }, [0, 0, 9, 9, 9, 9, 9, 9])).toBe('ccbbbbcc'));
  test('looks only in its direction', () => {
    const fall = [9, 9, 0, 0];
    expect(verdicts('rate', { by: 5, withinMs: 20_000 }, fall)).toBe('cccc');
    expect(verdicts('rate', { by: 5, withinMs: 20_000, direction: 'down' }, fall)).toBe('ccbb');
    expect(verdicts('rate', { by: 5, withinMs: 20_000, direction: 'either' }, fall)).toBe('ccbb');
  });
  test('remembers few values, however many come', () => {
    const watch = opened('rate', { by: 50, withinMs: 3_600_000 }).watch();
    let last = '';
    for (let i = 0; i < 100_000; i++) last = watch.of(i / 36, i * 1_000);
    expect(last).toBe('broken');
  });
});

describe('settings', () => {
  const refused: [name: string, id: string, settings: unknown][] = [
    ['a clear level above the threshold of above', 'above', { threshold: 1, clear: 2 }],
    ['a clear level below the threshold of below', 'below', { threshold: 2, clear: 1 }],
    ['a range without inside', 'outside', { from: 2, to: 1 }],
    ['a threshold that is no number', 'above', { threshold: Number.NaN }],
    ['an infinite threshold', 'above', { threshold: Number.POSITIVE_INFINITY }],
    ['a text', 'above', { threshold: '9' }],
    ['a field nobody knows', 'above', { threshold: 1, $where: 'x' }],
    ['silence of a millisecond', 'absent', { afterMs: 1 }],
    ['a fact of an odd kind', 'fact', { kinds: ['../x'] }],
    ['a thousand kinds', 'fact', { kinds: Array(1_000).fill('a') }],
    ['a rate over nothing', 'rate', { by: 0, withinMs: 60_000 }],
    ['a forecast of a century', 'forecast', { withinDays: 36_500 }],
  ];
  for (const [name, id, settings] of refused)
    test(`${name} is refused`, () => expect(conditionOf(id)?.settings.safeParse(settings).success).toBe(false));
});

test('every condition says itself in words, and what remembers nothing has one watch for all', () => {
  const settings: Record<string, unknown> = {
    above: { threshold: 0.9 },
    below: { threshold: 0.1 },
    outside: { from: 0, to: 1 },
    rate: { by: 0.1, withinMs: 3_600_000 },
    equals: { value: 1 },
  };
  const said = conditions.map(({ id }) => opened(id, settings[id] ?? {}).says((value) => showValue(value, '1')));
  expect(said).toEqual([
    'above 90 %',
    'below 10 %',
    'outside 0 % to 100 %',
    'silent for 3 min',
    'rises by more than 10 % within 1 h',
    'reaches 100 % within 7 days',
    'changed in the last 10 min',
    'is 100 %',
    'found wrong: anything that no other rule is about',
  ]);
  for (const { id } of conditions) {
    const { watch, memoryMs } = opened(id, settings[id] ?? {});
    const [one, other] = [watch(), watch()];
    expect(one === other).toBe(memoryMs === 0);
  }
});
