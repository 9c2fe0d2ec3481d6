import { describe, expect, it } from 'vitest';
import { darwinProcesses, parseCpuTime, parsePs } from '../../../agent/top/darwin.ts';

// Hand-made after ps(1) of macOS.
describe('ps of macOS', () => {
  it.each([
    ['0:00.01', 0.01],
    ['3:07.24', 187.24],
    ['121:05.50', 7_265.5],
    ['2:03:04.00', 7_384],
    ['1-02:03:04', 93_784],
    ['nonsense', undefined],
  ])('writes processor time as %s', (text, seconds) => expect(parseCpuTime(text)).toBe(seconds));

  it('tells path, start and user of each process, blanks and all', () => {
    const output =
      '    1 Tue Mar  4 09:12:31 2025      12:31.05  17488 root             /sbin/launchd\n' +
      '  512 Tue Mar  4 09:13:02 2025       1:02.50 402112 somebody         /Applications/Google Chrome.app/Contents/MacOS/Google Chrome\n' +
      'garbage\n';
    expect(parsePs(output)).toEqual([
      {
        pid: 1,
        name: 'launchd',
        start: 'Tue Mar  4 09:12:31 2025',
        cpuSeconds: 751.05,
        memoryBytes: 17_907_712,
        user: 'root',
      },
      {
        pid: 512,
        name: 'Google Chrome',
        start: 'Tue Mar  4 09:13:02 2025',
        cpuSeconds: 62.5,
        memoryBytes: 411_762_688,
        user: 'somebody',
      },
    ]);
  });

  it('that fails is said, not taken for a machine without processes', async () => {
    const source = darwinProcesses(async () => ({ output: '', errors: 'ps: not allowed\n', code: 1 }));
    await expect(source.scan()).rejects.toThrow('ps: not allowed');
  });
});
