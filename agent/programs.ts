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

const UNIX_FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'] as const;
/** Where Homebrew puts programs on Macs with Apple's processors. */
const MAC_FOLDERS = ['/opt/homebrew/sbin', '/opt/homebrew/bin'] as const;

/** Windows' own folders, and where smartmontools and NVIDIA's driver put their programs; by the system's word on where it is. */
function windowsFolders({
  SystemRoot = 'C:\\Windows',
  ProgramFiles = 'C:\\Program Files',
}: NodeJS.ProcessEnv): string[] {
  const system = `${SystemRoot}\\System32`;
  return [system, `${system}\\WindowsPowerShell\\v1.0`, `${ProgramFiles}\\smartmontools\\bin`];
}

/** Where programs are looked for; nothing of the environment's own path is believed. */
export const foldersOf = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = process.env): readonly string[] => {
  if (platform === 'win32') return windowsFolders(env);
  return platform === 'darwin' ? [...UNIX_FOLDERS, ...MAC_FOLDERS] : UNIX_FOLDERS;
};

const FOLDERS = foldersOf(process.platform);
const LIMIT_MS = 20_000;
const MOST_BYTES = 1024 * 1024;
/** Words and numbers as programs were written with, and no pager, colour or question. */
const UNIX_ENVIRONMENT = {
  LC_ALL: 'C',
  TZ: 'UTC',
  PATH: FOLDERS.join(':'),
  HOME: '/',
  TERM: 'dumb',
  DEBIAN_FRONTEND: 'noninteractive',
};
/** Without these nothing starts on Windows. */
const WINDOWS_NAMES = [
  'SystemRoot',
  'SystemDrive',
  'windir',
  'TEMP',
  'TMP',
  'ProgramFiles',
  'ProgramData',
  'COMPUTERNAME',
];

/** What a program gets of our environment: nothing, but for what Windows itself needs. */
export function environmentOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  if (platform !== 'win32') return UNIX_ENVIRONMENT;
  const kept = WINDOWS_NAMES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return { ...Object.fromEntries(kept), PATH: windowsFolders(env).join(';') };
}

/** A whole path, as the system writes them. */
const isWhole = (command: string): boolean => command.startsWith('/') || /^[A-Za-z]:\\/.test(command);

/** On a saved machine no program is there. */
export const runNothing: Run = ({ command }) => Promise.reject(new NothingToRead(`there is no ${command}`));

const namesIn = (folder: string, command: string): string[] => {
  if (!folder.includes('\\')) return [`${folder}/${command}`];
  return [`${folder}\\${/\.exe$/i.test(command) ? command : `${command}.exe`}`];
};

/** The file of a program; undefined when there is none that may be run. */
export function findProgram(command: string, folders: readonly string[] = FOLDERS): string | undefined {
  const candidates = isWhole(command) ? [command] : folders.flatMap((folder) => namesIn(folder, command));
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
    env: environmentOf(process.platform),
    cwd: '/',
    windowsHide: true,
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
