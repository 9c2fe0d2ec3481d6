import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unusable } from './identity.ts';
import { makeFolder } from './make-folder.ts';
import { startOf } from './stream.ts';

/** Another agent runs with the same state folder. */
export class StateBusy extends Error {
  override readonly name = 'StateBusy';
  readonly code = 'state-busy';
  readonly pid: number;

  constructor(stateDir: string, pid: number) {
    super(
      `An agent runs already with ${stateDir} (process ${pid}). Stop it first, or give another folder with --state.`,
    );
    this.pid = pid;
  }
}

const lockPath = (stateDir: string): string => join(stateDir, 'agent.lock');

/** When a process started, so that a number that was given anew is not taken for the old one; undefined when it does not run. */
function startedAt(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined;
  }
  try {
    return startOf(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? '';
  } catch {
    return ''; // No /proc: that it runs is all that can be known.
  }
}

/** This process, so that a later one of the same number is not taken for it. */
export const processMark = (): string => `${process.pid} ${startedAt(process.pid) ?? ''}`;

/** Whether the process of a mark runs. */
export function isHolder(mark: string): boolean {
  const [pid = '', start = ''] = mark.trim().split(' ');
  return Number(pid) > 0 && startedAt(Number(pid)) === start;
}

/** The process that holds the folder; undefined when none does. */
export function holderOf(stateDir: string): number | undefined {
  try {
    const mark = readFileSync(lockPath(stateDir), 'latin1');
    return isHolder(mark) ? Number.parseInt(mark, 10) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that one agent at a time uses a folder: two with one key would look like a clone to the appliance, which would let
 * neither in. The answer gives the folder back. A lock whose process is gone counts for nothing.
 */
export function lockState(stateDir: string): () => void {
  try {
    makeFolder(stateDir);
  } catch (error) {
    throw unusable(stateDir, error);
  }
  const path = lockPath(stateDir);
  const own = `${processMark()}\n`;
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(path, own, { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      const isHeld = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!isHeld) throw unusable(stateDir, error);
      const holder = holderOf(stateDir);
      if (holder !== undefined || tries > 2) throw new StateBusy(stateDir, holder ?? 0);
      rmSync(path, { force: true });
    }
  }
}
