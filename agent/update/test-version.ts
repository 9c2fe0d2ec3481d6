import { execFile } from 'node:child_process';
import { lastWords } from './last-words.ts';
import { CHOSEN, FIT, ROLE } from './role.ts';

const TEST_MS = 60_000;

/** Starts a version twice before anything depends on it: it must say its version, and find what it needs. Throws with what it said. */
export async function testVersion(
  [command, ...words]: readonly [string, ...string[]],
  { version, flags, env }: { version: string; flags: readonly string[]; env: NodeJS.ProcessEnv },
): Promise<void> {
  const said = await output(command, [...words, '--version'], env);
  if (said.trim() !== version)
    throw new Error(`It says that it is version ${said.trim().slice(0, 40)}, not ${version}`);
  const result = await output(command, [...words, 'self-test', ...flags], env);
  if (result.trim() !== FIT) throw new Error(`Its self-test said: ${result.trim().slice(0, 200)}`);
}

function output(command: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const options = {
    timeout: TEST_MS,
    killSignal: 'SIGKILL',
    env: { ...env, [ROLE]: CHOSEN },
    windowsHide: true,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(command, [...words], options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const why = lastWords(stderr);
      reject(
        new Error(error.killed ? `It did not end within ${TEST_MS / 1000} s` : why || error.message.slice(0, 300)),
      );
    });
  });
}
