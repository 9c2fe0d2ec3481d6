import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shellArguments, WindowsShell } from '../../../agent/reading/windows/shell.ts';
import { until } from '../../helpers/until.ts';

/** A child that speaks as the shell does: answers what the script is, dies, is silent or talks nonsense when it is told to. */
const CHILD = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [number, code] = line.split(' ');
  const script = Buffer.from(code, 'base64').toString('utf8');
  if (script === 'die') process.exit(3);
  if (script === 'silence') return;
  if (script === 'nonsense') return console.log(number + ' ok {"not":"a list"}');
  if (script === 'fail') return console.log(number + ' no Zugriff verweigert');
  if (script === 'flood') return process.stdout.write('x'.repeat(5 * 1024 * 1024));
  console.log('a line that is nobody’s');
  const half = number + ' ok ' + JSON.stringify([{ script }]);
  process.stdout.write(half.slice(0, 8));
  process.stdout.write(half.slice(8) + '\\r\\n');
}).on('close', () => process.exit(0));`;

function shell(limitMs = 5_000) {
  const clock = { now: 0 };
  const children: ReturnType<typeof spawn>[] = [];
  const made = new WindowsShell({
    limitMs,
    now: () => clock.now,
    start: async () => {
      const child = spawn(process.execPath, ['-e', CHILD]);
      children.push(child);
      return child;
    },
  });
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  return { ask: made.ask, clock, children };
}

describe('the shell of Windows', () => {
  it('is one child for all questions, whose answers find who asked', async () => {
    const { ask, children } = shell();
    const answers = await Promise.all(['Grüße', 'b', 'c'].map((script) => ask(script)));
    expect(answers).toEqual([[{ script: 'Grüße' }], [{ script: 'b' }], [{ script: 'c' }]]);
    expect(await ask('d')).toEqual([{ script: 'd' }]);
    expect(children).toHaveLength(1);
  });

  it('says what failed, and goes on', async () => {
    const { ask, children } = shell();
    await expect(ask('fail')).rejects.toThrow('Zugriff verweigert');
    await expect(ask('nonsense')).rejects.toThrow('something else than JSON');
    expect(await ask('d')).toEqual([{ script: 'd' }]);
    expect(children).toHaveLength(1);
  });

  it.each([
    ['die', 'PowerShell has ended'],
    ['flood', 'more than can be taken'],
    ['silence', 'did not answer within'],
  ])('that is told to %s is ended, everybody hears why, and after a rest there is another', async (script, reason) => {
    const { ask, clock, children } = shell(script === 'silence' ? 3_000 : 5_000);
    await ask('warm');
    const both = await Promise.allSettled([ask(script), ask('silence')]);
    for (const each of both)
      expect(each).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining(reason) } });
    await until(() => children[0]?.exitCode !== null || children[0]?.signalCode !== null, {
      what: 'the child has ended',
    });
    await expect(ask('again')).rejects.toThrow('tried again soon');
    expect(children).toHaveLength(1);
    clock.now = 30_000;
    expect(await ask('again')).toEqual([{ script: 'again' }]);
    expect(children).toHaveLength(2);
  });

  it('that cannot be started is named, and not tried again at once', async () => {
    let tries = 0;
    const made = new WindowsShell({
      now: () => 0,
      start: () => {
        tries++;
        return Promise.reject(new Error('there is no powershell.exe'));
      },
    });
    await expect(made.ask('a')).rejects.toThrow('there is no powershell.exe');
    await expect(made.ask('a')).rejects.toThrow('tried again soon');
    expect(tries).toBe(1);
  });

  it('takes a script without any quoting, as UTF-16', () => {
    const script = `'a "b" $c'`;
    expect(Buffer.from(shellArguments(script).at(-1) ?? '', 'base64').toString('utf16le')).toBe(script);
  });
});
