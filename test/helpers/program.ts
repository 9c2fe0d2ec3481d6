import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.ts';

/** A real process under test. */
export interface Program {
  readonly pid: number;
  /** Everything that it wrote so far, both streams. */
  output(): string;
  isRunning(): boolean;
  signal(name: NodeJS.Signals): void;
  /** Waits for its end: exit code, or the signal that ended it. */
  ended(timeoutMs?: number): Promise<number | NodeJS.Signals>;
  /** SIGTERM; fails unless it then ends with 0 in time. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Written to its standard input, which is then closed. */
  input?: string;
}

const STOP_MS = 15_000;
const running = new Set<ChildProcess>();

/** Nothing that a test started may outlive it. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Variables that reach a program under test: what it needs to run, and nothing that somebody has set for their own Reeve. */
export function cleanEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'NODE_V8_COVERAGE'];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** Starts a program. */
export function startProgram(command: readonly string[], { env = {}, cwd, input }: ProgramOptions = {}): Program {
  const [file = '', ...parameters] = command;
  const child = spawn(file, parameters, {
    env: { ...cleanEnvironment(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd ? { cwd } : {}),
  });
  running.add(child);
  let output = '';
  const take = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  child.on('error', (error) => {
    output += error.message;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const closed = once(child, 'close').then(() => running.delete(child));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const ended = async (timeoutMs = STOP_MS): Promise<number | NodeJS.Signals> => {
    await until(() => !isRunning(), {
      timeoutMs,
      what: `${command.join(' ')} ends; it wrote:\n${output.slice(-2_000)}`,
    });
    await closed;
    return child.exitCode ?? child.signalCode ?? -1;
  };
  return {
    pid: child.pid ?? -1,
    output: () => output,
    isRunning,
    signal: (name) => void child.kill(name),
    ended,
    stop: async () => {
      if (isRunning()) child.kill('SIGTERM');
      const how = await ended();
      if (how !== 0) throw new Error(`${command.join(' ')} ended with ${how} after SIGTERM; it wrote:\n${output}`);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended();
    },
  };
}
