import { spawnSync } from 'node:child_process';

/** Runs a program to its end and answers what it wrote; `input` goes to it. Fails with the program's own last words. */
export function run(program, words, { input, env, cwd, limitMs = 1_800_000 } = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, words, {
    input,
    cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
    timeout: limitMs,
    maxBuffer: 256 * 1024 ** 2,
  });
  if (error?.code === 'ENOENT')
    throw new Error(`${program} is not on this machine; docs/image.md says what to install`);
  if (error || status !== 0) {
    const said = String(stderr ?? '').trim();
    throw new Error(
      `${program} ${words.slice(0, 3).join(' ')} failed (${error?.message ?? status}): ${said.slice(-2_000)}`,
    );
  }
  return stdout;
}

/** As `run`; answers text. */
export const textOf = (program, words, options) => run(program, words, options).toString('utf8');

export const say = (text) => process.stderr.write(`${text}\n`);
