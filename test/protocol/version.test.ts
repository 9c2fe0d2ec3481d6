import { expect, test } from 'vitest';
import { isNewer } from '../../protocol/version.ts';

const ORDER = [
  'nonsense',
  '0.9.0',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.10',
  '1.2.0',
  '10.0.0',
];

test('versions come one after the other as Semantic Versioning says, and none is newer than itself', () => {
  for (const [n, a] of ORDER.entries())
    for (const [m, b] of ORDER.entries()) expect(isNewer(a, b), `${a} after ${b}`).toBe(n > m);
  expect(isNewer('1.0.0+build.2', '1.0.0+build.1')).toBe(false);
});
