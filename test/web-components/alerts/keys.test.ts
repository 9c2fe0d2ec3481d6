import { expect, test } from 'vitest';
import { commandOf, keyHelp } from '../../../web-components/alerts/keys.ts';
import { snoozeChoices, untilMorning } from '../../../web-components/alerts/snooze.ts';

const press = (key: string, rest = {}) => commandOf({ key, ctrlKey: false, altKey: false, metaKey: false, ...rest });

test('letters are commands, and every command stands in the help', () => {
  expect(['j', 'k', 'a', 's', 'c', 'x', '?'].map((key) => press(key))).toEqual(
    ['next', 'previous', 'acknowledge', 'snooze', 'comment', 'choose', 'help'], // In the order of the keys.
  );
  const helped = keyHelp(true).map(([key]) => key);
  for (const key of ['j', 'k', 'a', 's', 'c', 'x', '?']) expect(helped).toContain(key);
});

test('with Ctrl, Alt or Cmd they belong to the browser, and other keys are nothing', () => {
  for (const held of ['ctrlKey', 'altKey', 'metaKey']) expect(press('a', { [held]: true })).toBeUndefined();
  expect(press('A')).toBeUndefined();
  expect(press('Enter')).toBeUndefined();
});

test('who may not act is told of no key that acts', () => {
  expect(keyHelp(false).map(([key]) => key)).toEqual(['j', 'k', 'Enter', '?']);
});

test('until tomorrow morning is 8:00 of the next day', () => {
  expect(untilMorning(new Date(2026, 10, 21, 22, 0).getTime())).toBe(600);
  expect(untilMorning(new Date(2026, 10, 21, 7, 0).getTime())).toBe(1_500);
});

test('a snooze can be ended where there is one', () => {
  expect(snoozeChoices(Date.now(), false).map(({ minutes }) => minutes)).not.toContain(0);
  expect(snoozeChoices(Date.now(), true).at(-1)).toEqual({ minutes: 0, title: 'End the snooze' });
});
