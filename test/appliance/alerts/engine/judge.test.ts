import { describe, expect, test } from 'vitest';
import type { Kept } from '../../../../appliance/alerts/engine/judge.ts';
import { MINUTE, play } from './played.ts';

const long = (letter: string, ms: number, stepMs = 5_000): string => letter.repeat(ms / stepMs);

describe('without a wait', () => {
  const cases: [name: string, values: string, told: string[]][] = [
    ['a broken value fires at once and a clear one ends it', '.x.', ['fired@5', 'resolved@10']],
    ['what stays broken is told once', '.xxxx', ['fired@5']],
    ['between threshold and clear level nothing changes', 'nnxnnn.', ['fired@10', 'resolved@30']],
    ['a value that never came changes nothing', 'x .', ['fired@0', 'resolved@10']],
    ['nothing but clear values tells nothing', '.....', []],
  ];
  for (const [name, values, told] of cases) test(name, () => expect(play(values).told).toEqual(told));
});

describe('with a wait of 20 s', () => {
  const pace = { forMs: 20_000 };
  const cases: [name: string, values: string, told: string[]][] = [
    ['it fires when it was broken for as long', 'xxxxx', ['pending@0', 'fired@20']],
    ['one clear value begins anew', 'xxxx.xxxxx', ['pending@0', 'dropped@20', 'pending@25', 'fired@45']],
    ['a value at the clear level counts as not broken', 'xxnxx', ['pending@0', 'dropped@10', 'pending@15']],
    ['a missing value counts for neither side', 'xx xxxx', ['pending@0', 'fired@20']],
    ['a longer hole does not count as broken', 'xx   xxxx', ['pending@0', 'fired@40']],
    ['after a hole longer than the wait it begins anew', 'xx      xxx', ['pending@0', 'dropped@30', 'pending@40']],
  ];
  for (const [name, values, told] of cases) test(name, () => expect(play(values, pace).told).toEqual(told));
});

describe('with a share of the time', () => {
  const pace = { forMs: 5 * MINUTE, share: 0.9 };

  test('5 min with dips of 20 s fire, and the time that was broken is told', () => {
    const { changes } = play(`${long('x', 2 * MINUTE)}....${long('x', 4 * MINUTE)}`, pace);
    expect(changes.map(({ kind, at }) => [kind, at / 1_000])).toEqual([
      ['pending', 0],
      ['fired', 300],
    ]);
    expect(changes[1]).toMatchObject({ brokenMs: 280_000, knownMs: 300_000, sinceAt: 0 });
    expect(changes[1]?.mean).toBeCloseTo(280 / 300, 5);
  });

  test('dips of more than a tenth drop it', () => {
    expect(play(`${long('x', 2 * MINUTE)}.......${long('x', 2 * MINUTE)}`, pace).told).toEqual([
      'pending@0',
      'dropped@150',
      'pending@155',
    ]);
  });

  test('it never fires on a value that is not broken', () => {
    const { told } = play(`${long('x', 5 * MINUTE - 10_000)}....x`, pace);
    expect(told).toEqual(['pending@0', 'fired@310']);
  });

  test('time is counted, not values: twenty values in a second are a second', () => {
    const { told } = play(`${'x'.repeat(100)}`, { ...pace, stepMs: 50 });
    expect(told).toEqual(['pending@0']);
  });
});

describe('with a hold before it is over', () => {
  const pace = { clearForMs: 20_000 };
  test('it ends after 20 s without a break', () =>
    expect(play('x.....', pace).told).toEqual(['fired@0', 'resolved@25']));
  test('a broken or near value begins the hold anew', () =>
    expect(play('x...x.n.....', pace).told).toEqual(['fired@0', 'resolved@55']));
  test('a hole begins the hold anew: nobody knows that it was clear', () =>
    expect(play('x...   .....', pace).told).toEqual(['fired@0', 'stale@30', 'fresh@35', 'resolved@55']));
});

describe('missing data', () => {
  test('never ends what fires; it is marked stale once, and fresh with the next value', () => {
    expect(play('x        x   x', {}).told).toEqual(['fired@0', 'stale@15', 'fresh@45', 'stale@60', 'fresh@65']);
  });
  test('a clear value after a hole ends it at once, without a word of freshness', () =>
    expect(play('x      .', {}).told).toEqual(['fired@0', 'stale@15', 'resolved@35']));
  test('what fires for a year without data fires still', () => {
    const { judge, at } = play('x');
    judge.tick(at + 365 * 86_400_000);
    expect(judge.phase).toBe('firing');
    expect(judge.isStale).toBe(true);
  });
});

describe('flapping', () => {
  const flaps = 'x.x.x';

  test('with the fifth change in 5 min the hold begins and nothing is told for 15 min', () => {
    const { told, changes } = play(`${flaps}.x.x.x.x${long('x', 15 * MINUTE)}`);
    expect(told).toEqual(['fired@0', 'resolved@5', 'fired@10', 'resolved@15', 'fired@20', 'settled@920']);
    expect(changes[4]?.heldUntil).toBe(920_000);
  });

  test('the final state is told: clear', () => {
    const { told, judge } = play(`${flaps}${long('.', 15 * MINUTE + 5_000)}`);
    expect(told.slice(4)).toEqual(['fired@20', 'resolved@920']);
    expect(judge.phase).toBe('ok');
  });

  test('when the fifth change is a clear one the alert stays open until it settles', () => {
    const quiet = long('.', 5 * MINUTE);
    const kept: Kept = {
      isOpen: true,
      awaitsClear: false,
      isStale: false,
      sinceAt: 0,
      changes: [0, 5_000, 10_000, 15_000],
      at: 20_000,
    };
    const { told } = play(`.${quiet}${quiet}${quiet}..`, {}, kept);
    expect(told).toEqual(['flapping@20', 'resolved@920']);
  });

  test('five changes in more than 5 min are not flapping', () => {
    const calm = long('.', 160_000);
    const { changes } = play(`x.${calm}x.${calm}x.${calm}x.`);
    expect(changes.map(({ kind }) => kind)).toEqual(Array(4).fill(['fired', 'resolved']).flat());
    expect(changes.every(({ heldUntil }) => heldUntil === undefined)).toBe(true);
  });

  test('the hold ends also when no values come any more', () => {
    const { judge, at } = play(flaps);
    const changes = [judge.tick(at + 16 * MINUTE)];
    expect(changes.map((each) => each?.kind)).toEqual(['settled']);
  });

  test('after a hold it counts anew', () => {
    const hold = long('.', 15 * MINUTE);
    expect(play(`${flaps}${hold}.x.x.`).told.slice(5)).toEqual([
      'resolved@920',
      'fired@930',
      'resolved@935',
      'fired@940',
      'resolved@945',
    ]);
  });
});

describe('resolved by a person', () => {
  test('stays quiet until it has been clear once', () => {
    const { judge, at } = play('xx');
    expect(judge.resolve()).toBe(true);
    expect(judge.observe('broken', 1, at)).toBeUndefined();
    expect(judge.phase).toBe('ok');
    expect(judge.observe('clear', 0, at + 5_000)?.kind).toBe('rearmed');
    expect(judge.observe('broken', 1, at + 10_000)?.kind).toBe('fired');
  });
  test('while its changes were held back and it was clear, it is ready at once', () => {
    const { judge, at } = play('x.x.x.');
    expect(judge.resolve()).toBe(false);
    expect(judge.observe('broken', 1, at)?.kind).toBe('fired');
  });
});

describe('taken up again after a restart', () => {
  const kept: Kept = { isOpen: true, awaitsClear: false, isStale: false, sinceAt: 0, changes: [0], at: 100_000 };
  test('what fired is not told again, and ends with the first clear value', () =>
    expect(play('xxx.', {}, kept).told).toEqual(['resolved@115']));
  test('what fired and gets no values becomes stale, not resolved', () =>
    expect(play('      ', {}, kept).told).toEqual(['stale@115']));
  test('what was stale is not told to be stale again', () =>
    expect(play('      x', {}, { ...kept, isStale: true }).told).toEqual(['fresh@130']));
  test('a hold goes on, and does not end before something is heard', () => {
    const held = { ...kept, changes: [0, 1, 2, 3, 4], heldUntil: 90_000 };
    expect(play('.', {}, held).told).toEqual(['resolved@100']);
    expect(play('x', {}, held).told).toEqual(['settled@100']);
    expect(play('   x', {}, held).told).toEqual(['settled@115']);
  });
  test('what a person resolved waits for clear still', () =>
    expect(play('xx.x', {}, { ...kept, isOpen: false, awaitsClear: true }).told).toEqual(['rearmed@110', 'fired@115']));
});

describe('hostile input', () => {
  test('values from the past and twice the same moment are passed over', () => {
    const { judge } = play('.');
    judge.observe('broken', 1, 10_000);
    expect(judge.observe('clear', 0, 10_000)).toBeUndefined();
    expect(judge.observe('clear', 0, 5_000)).toBeUndefined();
    expect(judge.phase).toBe('firing');
  });
  test('the evidence is bounded, keeps first and last, and its mean is that of all', () => {
    const { changes } = play('x'.repeat(20_000), { forMs: 19_999 * 5_000 });
    const samples = changes.at(-1)?.samples ?? [];
    expect(changes.at(-1)?.kind).toBe('fired');
    expect(samples.length).toBeLessThanOrEqual(33);
    expect(samples[0]?.[0]).toBe(0);
    expect(samples.at(-1)?.[0]).toBe(19_999 * 5_000);
    expect(changes.at(-1)?.mean).toBe(1);
  });
});
