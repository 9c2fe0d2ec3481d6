import { arch, platform } from 'node:os';

/** Whether this is an executable that carries Node in itself. */
export const isExecutable = (): boolean => {
  const sea = process.getBuiltinModule?.('node:sea');
  return sea?.isSea?.() === true;
};

/** What kind of program this agent is, as releases are named: `script`, or `linux-x64` and the like. */
export const ownProgram = (): string => (isExecutable() ? `${platform()}-${arch()}` : 'script');

/** How a version's file is started: the words before its parameters. A script takes the flags that this one was started with. */
export const wordsFor = (program: string, file: string): [command: string, ...words: string[]] =>
  program === 'script' ? [process.execPath, ...process.execArgv, file] : [file];

/** Name of the file of a version. */
export const fileNameOf = (program: string): string =>
  program === 'script' ? 'agent.cjs' : program.startsWith('win32') ? 'reeve-agent.exe' : 'reeve-agent';
