import { accessSync, constants } from 'node:fs';
import { NothingToRead } from './nothing.ts';

/** A program of the machine that is asked for something; it never gets a shell, our environment or standard input. */
export interface Program {
  /** A name that is looked up in the system's own folders, or an absolute path. */
  command: string;
  args: readonly string[];
  /** It is killed after so long; 20 s by default. */
  limitMs?: number;
  /** More output than this is an error; 1 MiB by default. */
  mostBytes?: number;
}

export interface Ran {
  output: string;
  errors: string;
  /** Exit code. */
  code: number;
}

/**
 * Runs a program to its end. Throws `NothingToRead` when there is none of that name, and `ProgramError` when it did not end in time,
 * was killed or said too much. What its exit code means is the caller's to know.
 */
export type Run = (program: Program) => Promise<Ran>;

/** A program that gave no answer. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  readonly code = 'program';
}

const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'] as const;
const LIMIT_MS = 20_000;
const MOST_BYTES = 1024 * 1024;
/** Words and numbers as programs were written with, and no pager, colour or question. */
const ENVIRONMENT = {
  LC_ALL: 'C',
  TZ: 'UTC',
  PATH: FOLDERS.join(':'),
  HOME: '/',
  TERM: 'dumb',
  DEBIAN_FRONTEND: 'noninteractive',
};

/** On a saved machine no program is there. */
export const runNothing: Run = ({ command }) => Promise.reject(new NothingToRead(`there is no ${command}`));

/** The file of a program; undefined when there is none that may be run. */
export function findProgram(command: string, folders: readonly string[] = FOLDERS): string | undefined {
  const candidates = command.startsWith('/') ? [command] : folders.map((folder) => `${folder}/${command}`);
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export const runProgram: Run = async ({ command, args, limitMs = LIMIT_MS, mostBytes = MOST_BYTES }) => {
  const file = findProgram(command);
  if (file === undefined) throw new NothingToRead(`there is no ${command}`);
  const { execFile } = await import('node:child_process');
  const options = {
    timeout: limitMs,
    maxBuffer: mostBytes,
    killSignal: 'SIGKILL',
    env: ENVIRONMENT,
    cwd: '/',
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(file, [...args], options, (error, output, errors) => {
      if (!error) return resolve({ output, errors, code: 0 });
      if (typeof error.code === 'number') return resolve({ output, errors, code: error.code });
      reject(new ProgramError(reasonOf(command, error, limitMs)));
    });
    child.stdin?.end();
  });
};

function reasonOf(
  command: string,
  error: Error & { code?: unknown; killed?: boolean; signal?: unknown },
  limitMs: number,
): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `${command} said more than can be taken`;
  if (error.killed) return `${command} did not end within ${limitMs / 1000} s`;
  if (error.signal) return `${command} was ended by ${String(error.signal)}`;
  return `${command} cannot be run: ${error.message}`;
}
