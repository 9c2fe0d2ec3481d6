import { parse } from 'node:querystring';
import { expect, test } from 'vitest';
import { readQuery } from '../../appliance/query-text.ts';

const PIECES = [
  'a',
  'b',
  'hosts',
  '__proto__',
  '=',
  '=',
  '&',
  '&',
  '+',
  '%20',
  '%',
  '%2',
  '%zz',
  '%C3%A4',
  '%ff',
  '{}"*',
  ',',
  '1',
];

test.each([
  'from=1&to=2&metrics=a%7Bb%3D%22c%22%7D%2Cd&values=average',
  '',
  '&&=&a&=b&a=',
  'a=1&a=2&a=3',
  'a+b=c+d&e=%E2%82%AC',
  'broken=%E2%82&more=%',
  '__proto__=x&constructor=y',
])('reads %j as querystring does', (text) => {
  expect(Object.entries(readQuery(text))).toEqual(Object.entries(parse(text)));
});

test('reads ten thousand texts of odd pieces as querystring does', () => {
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let n = 0; n < 10_000; n++) {
    const text = Array.from({ length: next(14) }, () => PIECES[next(PIECES.length)]).join('');
    expect(Object.entries(readQuery(text)), text).toEqual(Object.entries(parse(text)));
  }
});

test('takes no more pairs than querystring does, and nothing for no query', () => {
  const text = Array.from({ length: 2_000 }, (_, n) => `p${n}=1`).join('&');
  expect(Object.keys(readQuery(text))).toHaveLength(Object.keys(parse(text)).length);
  expect(Object.keys(readQuery(undefined))).toEqual([]);
});
