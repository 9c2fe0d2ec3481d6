import { expect, test } from 'vitest';
import { browserName } from '../../../web-components/account/browser-name.ts';
import { groupedKey, modulesPath, recoveryText } from '../../../web-components/account/texts.ts';

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
    'Chrome on Android',
  ],
  ['curl/8.11.0', 'curl'],
  ['', 'Unknown browser'],
  [`<script>${'x'.repeat(200)}`, `<script>${'x'.repeat(32)}`],
])('%s is called %s', (userAgent, name) => {
  expect(browserName(userAgent)).toBe(name);
});

test('a key is grouped by four, as one types it', () => {
  expect(groupedKey('ABCDEFGHIJ')).toBe('ABCD EFGH IJ');
});

test('the file of recovery codes names the account and has one code in a line', () => {
  expect(recoveryText('anna', ['AAAA-1', 'BBBB-2']).split('\n')).toEqual([
    'Recovery codes of anna for Reeve. Each works once.',
    '',
    'AAAA-1',
    'BBBB-2',
    '',
  ]);
});

test('runs of dark modules become one stroke each', () => {
  const rows = [
    [true, true, false],
    [false, false, true],
    [false, false, false],
  ];
  expect(modulesPath(rows)).toBe('M0 0h2v1h-2zM2 1h1v1h-1z');
});
