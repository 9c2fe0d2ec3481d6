import { SystemFiles } from '../files.ts';
import { NothingToRead } from '../nothing.ts';
import { type Run, runProgram } from '../programs.ts';
import { askWindows } from '../reading/windows/shell.ts';
import { darwinProcesses } from './darwin.ts';
import { linuxProcesses } from './linux.ts';
import type { ProcessSource } from './scan.ts';
import { Top } from './top.ts';
import { windowsProcesses } from './win32.ts';

/** Opens what tells the processes of this machine; nothing is read before it is asked. */
export function openTop(platform: NodeJS.Platform = process.platform, run: Run = runProgram): Top {
  return new Top(sourceOf(platform, run));
}

function sourceOf(platform: NodeJS.Platform, run: Run): ProcessSource {
  if (platform === 'linux') return linuxProcesses(new SystemFiles());
  if (platform === 'darwin') return darwinProcesses(run);
  if (platform === 'win32') return windowsProcesses(askWindows);
  return {
    scan: () => Promise.reject(new NothingToRead(`processes cannot be read on ${platform}`)),
    userOf: () => undefined,
  };
}
