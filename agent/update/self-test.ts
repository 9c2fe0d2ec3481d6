import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { collectors } from '../collectors/index.ts';
import { readIdentity } from '../identity.ts';
import { openAgentLog } from '../log.ts';
import type { AgentOptions } from '../options.ts';
import { readOwnFile } from '../own-file.ts';
import { Sampler } from '../sampler.ts';
import { SeriesTable } from '../series.ts';
import { lastWords } from './last-words.ts';
import { CHOSEN, ROLE } from './role.ts';

/** What a version says that finds everything it needs. */
const WORD = 'fit';
const TEST_MS = 60_000;
const BETWEEN_MS = 200;

/** `reeve-agent self-test`: reads identity, own file and this machine once, as a run would, and connects to nobody. Throws with what is wrong. */
export async function selfTest({ stateDir, ownFile }: AgentOptions): Promise<string> {
  if (!readIdentity(stateDir)) throw new Error(`There is no pairing in ${stateDir}`);
  const settings = readOwnFile(ownFile, collectors).collectors;
  await Promise.all([import('../main.ts'), import('../joining.ts')]);
  const series = new SeriesTable(collectors.flatMap(({ descriptors }) => descriptors));
  const sampler = new Sampler({
    collectors,
    series,
    platform: process.platform,
    settings,
    log: openAgentLog('silent'),
  });
  const read = () => sampler.sample({ at: Date.now(), mono: performance.now() });
  await read();
  await pause(BETWEEN_MS);
  const values = await read();
  sampler.close();
  if (!values.some((value, n) => n % 2 === 1 && value !== null))
    throw new Error('Nothing of this machine could be read');
  return `${WORD}\n`;
}

/** Starts a version twice before anything depends on it: it must say its version, and find what it needs. Throws with what it said. */
export async function testVersion(
  [command, ...words]: readonly [string, ...string[]],
  { version, flags, env }: { version: string; flags: readonly string[]; env: NodeJS.ProcessEnv },
): Promise<void> {
  const said = await output(command, [...words, '--version'], env);
  if (said.trim() !== version)
    throw new Error(`It says that it is version ${said.trim().slice(0, 40)}, not ${version}`);
  const result = await output(command, [...words, 'self-test', ...flags], env);
  if (result.trim() !== WORD) throw new Error(`Its self-test said: ${result.trim().slice(0, 200)}`);
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
