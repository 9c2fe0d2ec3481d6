import { describe, expect, test } from 'vitest';
import { parseSelectors, SelectorError, SelectorSet } from '../../../../appliance/history/query/selectors.ts';
import { seriesKey } from '../../../../protocol/metrics.ts';

const fits = (text: string, metric: string, attributes: Record<string, string> = {}): boolean =>
  new SelectorSet(parseSelectors(text)).fits({ metric, attributes });

describe('a selector', () => {
  test.each([
    ['a', 'a', {}, true],
    ['a', 'ab', {}, false],
    ['a', 'a', { k: '1' }, true],
    ['a{}', 'a', { k: '1' }, true],
    ['a{k="1"}', 'a', { k: '1' }, true],
    ['a{k="1"}', 'a', { k: '1', l: '2' }, true],
    ['a{k="1"}', 'a', { k: '2' }, false],
    ['a{k="1"}', 'a', {}, false],
    ['a{k="1",l="2"}', 'a', { k: '1' }, false],
    ['a{k=""}', 'a', { k: '' }, true],
    ['a{k=""}', 'a', {}, false],
    ['a{k="*"}', 'a', { k: '' }, true],
    ['a{k="*"}', 'a', {}, false],
    ['net{if="eth*"}', 'net', { if: 'eth0' }, true],
    ['net{if="eth*"}', 'net', { if: 'eth' }, true],
    ['net{if="eth*"}', 'net', { if: 'veth0' }, false],
    ['net{if="*th*0"}', 'net', { if: 'veth10' }, true],
    ['net{if="*th*0"}', 'net', { if: 'veth11' }, false],
    ['net{if="a*a"}', 'net', { if: 'a' }, false],
    ['net{if="a*b*a"}', 'net', { if: 'aba' }, true],
    ['net{if="ab*ba*ab"}', 'net', { if: 'abab' }, false],
    ['net{if="\\*"}', 'net', { if: '*' }, true],
    ['net{if="\\*"}', 'net', { if: 'x' }, false],
    ['a.b c%$', 'a.b c%$', {}, true],
    ['a\\,b', 'a,b', {}, true],
    ['ünï 🙂{path="/*"}', 'ünï 🙂', { path: '/home' }, true],
    ['__proto__', '__proto__', {}, true],
    ['a{__proto__="x"}', 'a', {}, false],
    ['a{toString="*"}', 'a', {}, false],
    [' a { k = "1" , l = "2" } ', 'a', { k: '1', l: '2' }, true],
  ])('%s and %s %j: %s', (text, metric, attributes, expected) => {
    expect(fits(text, metric, attributes)).toBe(expected);
  });

  test('that is the key of a series fits it, whatever stands in its values', () => {
    const odd = { metric: 'a', attributes: { k: 'v"\\\n,}{=\u2028 🙂', l: '' } };
    expect(fits(`x,${seriesKey(odd)},y`, odd.metric, odd.attributes)).toBe(true);
    expect(fits(seriesKey(odd), odd.metric, { ...odd.attributes, k: 'v' })).toBe(false);
  });

  test('stands beside others with commas between', () => {
    const texts = (text: string) => parseSelectors(text).map((each) => each.text);
    expect(texts('a,b{k="1,2"},c')).toEqual(['a', 'b{k="1,2"}', 'c']);
    expect(texts('')).toEqual([]);
    expect(texts(' ,,a, ')).toEqual(['a']);
  });

  test('that nothing fits is named', () => {
    const set = new SelectorSet(parseSelectors('a{k="1"},a{k="*"},b'));
    set.fits({ metric: 'a', attributes: { k: '2' } });
    expect(set.unmatched).toEqual(['a{k="1"}', 'b']);
  });
});

describe('a text that is none', () => {
  test.each([
    ['{k="1"}', 1, 'metric'],
    ['a,{', 3, 'metric'],
    ['a{k', 3, 'name="value"'],
    ['a{k=1}', 3, 'name="value"'],
    ['a{k="1}', 6, 'closing'],
    ['a{k="\\x"}', 6, 'backslash'],
    ['a{k="1"', 8, '}'],
    ['a{k="1" l="2"}', 9, 'comma'],
    ['a{k="1"}b', 9, 'comma'],
    ['a"b', 2, 'comma'],
    ['a\\b', 2, 'comma'],
    ['a\u0000b', 2, 'comma'],
    ['a,b}', 4, 'comma'],
    [`${'a,'.repeat(201)}`, 402, '200'],
  ])('%j is told the character %i', (text, position, words) => {
    const failed = (() => {
      try {
        return parseSelectors(text);
      } catch (error) {
        return error;
      }
    })();
    expect(failed).toBeInstanceOf(SelectorError);
    expect(failed).toMatchObject({ position, message: expect.stringContaining(words) });
  });

  test('made to be slow is refused or read at once', () => {
    const begun = performance.now();
    for (const part of ['{', '{"', '{"\\', 'a{k="', 'a{k="\\', ',{', '\\,', ' ', 'a{ ', 'a{k ', '*', '\\\\'])
      try {
        parseSelectors(part.repeat(4_000).slice(0, 4_000));
      } catch (error) {
        expect(error).toBeInstanceOf(SelectorError);
      }
    const stars = parseSelectors(`a{k="${'*a'.repeat(1_900)}"}`);
    for (let n = 0; n < 100; n++) new SelectorSet(stars).fits({ metric: 'a', attributes: { k: 'a'.repeat(256) } });
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
