import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { screenLines } from '../../appliance/cli/console/screen.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { screenOf } from '../helpers/terminal-screen.ts';

const CODE = 'q8Zr_0-Vx3mT5bN7cK9dLw';
const facts = {
  ...{ version: '1.2.3', httpPort: 80, localName: 'reeve.local', setupUrl: null },
  hosts: { all: 4, online: 3, offline: 1 },
  alerts: { critical: 0, high: 0, medium: 0, low: 0 },
};
const size = { columns: 80, rows: 25 };

/** What a reader of QR codes makes of the screen of 80 by 25. */
function read(shown: Parameters<typeof screenLines>[0]): string {
  const screen = screenOf(screenLines(shown, size).join('\r\n'), size);
  expect(screen.scrolled).toBe(0);
  const picture = screen.picture();
  if (!picture) return '';
  const file = join(temporaryDirectory(), 'screen.pgm');
  writeFileSync(file, picture);
  return execFileSync('zbarimg', ['--quiet', '--raw', file], { encoding: 'utf8' }).trim();
}

test.each([
  'http://10.0.0.2',
  'http://192.168.178.123',
  'http://192.168.178.123:8080',
  'http://[2001:db8:1234:5678:9abc:def0:1234:5678]:8080',
])('a reader finds the link of the set-up at %s in the code on the screen, and the dashboard after', (url) => {
  const setupUrl = `${url}/#code=${CODE}`;
  expect(read({ facts: { ...facts, url, setupUrl }, answers: true })).toBe(setupUrl);
  expect(read({ facts: { ...facts, url }, answers: true })).toBe(url);
});
