import { expect, test } from 'vitest';
import { likelyCurrency, ownTimeZone, STEPS } from '../../../web-components/onboarding/steps.ts';

test.each([
  ['de-CH', 'CHF'],
  ['en-GB', 'GBP'],
  ['zh-Hant-TW', 'TWD'],
  ['de-DE', 'EUR'],
  ['en', 'EUR'],
  ['', 'EUR'],
])('somebody who reads %s most likely pays in %s', (language, currency) => {
  expect(likelyCurrency(language)).toBe(currency);
});

test('every proposal is a currency, and the time zone is one', () => {
  expect(Intl.supportedValuesOf('currency')).toContain(likelyCurrency('en-US'));
  expect(() => new Intl.DateTimeFormat('en', { timeZone: ownTimeZone() })).not.toThrow();
});

test('the code is asked for before anything else', () => {
  expect(STEPS.map(({ id }) => id)).toEqual(['code', 'owner', 'site', 'host']);
});
