import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SystemFiles } from '../../agent/files.ts';
import { startProgram } from '../helpers/program.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

/** A machine whose table of mounts has these points more, in a namespace of its own; answers with the path of that table. */
async function mounted(points: readonly string[]): Promise<string> {
  const script =
    'for point; do mkdir -p "$point" && mount -t tmpfs none "$point" || exit 9; done; echo "pid $$"; exec sleep 60';
  const program = startProgram(['unshare', '--mount', 'sh', '-c', script, 'sh', ...points]);
  onTestFinished(() => program.kill());
  const [, pid] = await until(() => /pid (\d+)/.exec(program.output()), { what: 'all is mounted' });
  return `/proc/${pid}/mountinfo`;
}

/** What each read of Node gives until there is no more. */
const whole = (path: string): string => readFileSync(path, 'latin1');
const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;

describe.runIf(existsSync('/proc/self/smaps'))('a file of the kernel', () => {
  it('that comes a page at a time is read to its end, also where a page fits no more into the buffer', () => {
    const read = new SystemFiles().kernel('/proc/self/smaps').text(0);
    expect(whole('/proc/self/smaps').length).toBeGreaterThan(32 * 1024);
    // The figures change meanwhile, the mappings at the end do not.
    const last = (text: string) =>
      text
        .split('\n')
        .filter((line) => /^[0-9a-f]+-/.test(line))
        .at(-1);
    expect(last(read)).toBe(last(whole('/proc/self/smaps')));
  });

  it.runIf(canMount)('names every mount of a machine that has hundreds', async () => {
    const folder = temporaryDirectory();
    const path = await mounted(Array.from({ length: 250 }, (_, n) => join(folder, `volume-of-a-container-${n}`)));
    const text = new SystemFiles().kernel(path, { hasLongLines: true }).text(0);
    expect(text.length).toBeGreaterThan(16 * 1024);
    expect(text).toBe(whole(path));
  });

  it.runIf(canMount)(
    'is read on behind a short page, where the next line is longer than what was left of it',
    async () => {
      const folder = temporaryDirectory();
      const long = join(folder, ...Array.from({ length: 14 }, (_, n) => `${n}`.padEnd(240, 'x')));
      const path = await mounted([long, join(folder, 'behind')]);
      const text = new SystemFiles().kernel(path, { hasLongLines: true }).text(0);
      expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeGreaterThan(3_000);
      expect(text).toBe(whole(path));
    },
  );
});
