import { expect, test } from 'vitest';
import { takenName } from '../../../web-components/system/machine-texts.ts';

test.each([
  ['reeve-2.local', 'reeve', 'reeve.local'],
  ['nas-1-3.local', 'nas-1', 'nas-1.local'],
  ['reeve.local', 'reeve', undefined],
  ['nas-1.local', 'nas-1', undefined],
  ['nas-box.local', 'nas', undefined],
  ['reeve.local', 'cellar', undefined],
  ['reeve.local', undefined, undefined],
])('on the LAN as %s with the host name %s: another machine has %s', (localName, hostName, taken) => {
  expect(takenName(localName, hostName)).toBe(taken);
});
