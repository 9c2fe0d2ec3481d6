import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lastWords } from './last-words.ts';
import { CONNECTED, END, INSTALLED, ROLE, TRIAL } from './role.ts';

export interface TrialOptions {
  /** What starts the new version. */
  words: readonly [string, ...string[]];
  /** Parameters of this agent. */
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Version of the installed program. */
  installed: string;
  /** How long it may take to reach the appliance. */
  limitMs: number;
  signal: AbortSignal;
}

export type Outcome = { ok: true; child: ChildProcess } | { ok: false; reason: string };

const END_MS = 5_000;
const KEPT = 4_000;

/**
 * Starts a new version as a child of this process, which knows that it worked before: whether the child crashes at once, hangs or never
 * reaches the appliance, this one is there to tell, and to end it.
 */
export async function tryOut(options: TrialOptions): Promise<Outcome> {
  const child = start(options);
  let last = '';
  child.stderr?.on('data', (piece: Buffer) => {
    process.stderr.write(piece);
    last = (last + piece.toString()).slice(-KEPT);
  });
  const reason = await reasonAgainst(child, options, () => lastWords(last));
  if (reason === undefined) return { ok: true, child };
  await endChild(child);
  return { ok: false, reason };
}

function start({ words: [command, ...words], argv, env, installed }: TrialOptions): ChildProcess {
  return spawn(command, [...words, ...argv], {
    env: { ...env, [ROLE]: TRIAL, [INSTALLED]: installed },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    windowsHide: true,
  });
}

/** Undefined once it is connected. */
function reasonAgainst(
  child: ChildProcess,
  { limitMs, signal }: TrialOptions,
  said: () => string,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => resolve(`It did not reach the appliance within ${Math.round(limitMs / 1000)} s`),
      limitMs,
    );
    const done = (reason?: string) => {
      clearTimeout(timer);
      resolve(reason);
    };
    child.once('message', (message) => message === CONNECTED && done());
    child.once('error', (error) => done(`It could not be started: ${error.message}`));
    // What it said last is still on its way when it is gone.
    child.once('close', (code, by) => done(`It ended with ${by ?? code} before it reached the appliance: ${said()}`));
    signal.addEventListener('abort', () => done('The agent was ended while the new version was tried'), { once: true });
  });
}

/** Ends a child: by word, as Windows knows no other gentle way, and by force if it does not heed. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  if (child.connected) child.send(END, () => undefined);
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(timer);
}
