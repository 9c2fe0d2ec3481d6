import { afterEach, describe, expect, test } from 'vitest';
import { language, msg, plural, setLanguage } from '../../web-components/msg.ts';

afterEach(() => setLanguage('en', {}));

describe('sentences', () => {
  test('fill their places and leave unknown ones', () => {
    expect(msg('{name} joined, {what}', { name: 'nas01' })).toBe('nas01 joined, {what}');
  });

  test('come in the language that was set, and in English where it has none', () => {
    setLanguage('de', { 'Sign in': 'Anmelden' });
    expect([msg('Sign in'), msg('Sign out'), language()]).toEqual(['Anmelden', 'Sign out', 'de']);
  });

  test('follow the rule of the language for one and many', () => {
    const forms = { one: '{count} host', other: '{count} hosts' };
    expect([0, 1, 2].map((count) => plural(count, forms))).toEqual(['0 hosts', '1 host', '2 hosts']);
    setLanguage('fr', {});
    expect(plural(0, forms)).toBe('0 host');
  });
});
