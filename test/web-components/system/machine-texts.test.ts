import { expect, test } from 'vitest';
import { programsText, takenName } from '../../../web-components/system/machine-texts.ts';

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

test('for hosts without Node it says what they get, and names the file that brings the rest to the version that runs', () => {
  const image = { version: '1.2.3', board: 'pi' as const };
  const few = ['linux-arm64', 'linux-x64'];
  expect(programsText(image, [...few, 'win32-x64'])).toBe('linux-arm64, linux-x64, win32-x64');
  expect(programsText(image, few)).toMatch(/^linux-arm64, linux-x64; .* reeve-1\.2\.3-pi-executables\.update/);
  expect(programsText(image, [])).toContain('where the disk has 330 MB free');
  expect(programsText(image, undefined)).toBe('–');
});
