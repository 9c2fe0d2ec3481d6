import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NothingToRead } from '../../agent/nothing.ts';
import { ProgramError, runProgram } from '../../agent/programs.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

function script(text: string): string {
  const path = join(temporaryDirectory(), 'script');
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o700 });
  return path;
}

describe('a program', () => {
  it('is found by name, is given neither our environment nor a terminal, and its exit code is told', async () => {
    process.env.REEVE_SECRET = 'secret';
    const ran = await runProgram({ command: script('cat; env; echo words >&2; exit 3'), args: [] });
    delete process.env.REEVE_SECRET;
    expect(ran.code).toBe(3);
    expect(ran.output).toContain('LC_ALL=C');
    expect(ran.output).not.toContain('secret');
    expect(ran.errors).toBe('words\n');
    expect(await runProgram({ command: 'stat', args: ['--version'] })).toMatchObject({ code: 0 });
  });

  it('that is not there is nothing to read', async () => {
    await expect(runProgram({ command: 'no-such-program', args: [] })).rejects.toThrow(NothingToRead);
    await expect(runProgram({ command: '/etc/passwd', args: [] })).rejects.toThrow('there is no /etc/passwd');
  });

  it('is ended when it takes too long, and when it says too much', async () => {
    const endless = { command: script('exec sleep 1000'), args: [], limitMs: 100 };
    await expect(runProgram(endless)).rejects.toThrow(/did not end within 0.1 s/);
    const talker = runProgram({ command: script('while :; do echo words; done'), args: [], mostBytes: 1000 });
    await expect(talker).rejects.toThrow(ProgramError);
  });

  it('gets its arguments as they are: no shell reads them', async () => {
    const { output } = await runProgram({ command: script('echo "$1"'), args: ['$(id); `id` "x"'] });
    expect(output).toBe('$(id); `id` "x"\n');
  });
});
