import {
  chmodSync,
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';

/** The identity cannot be used; the message says why and what to do. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: 'identity-open' | 'identity-damaged' | 'identity-unwritable';

  constructor(code: IdentityError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Text of a file that only its owner can read; undefined when there is none. Throws `IdentityError` when others can read it. */
export function readSecret(stateDir: string, name: string): string | undefined {
  const path = join(stateDir, name);
  try {
    refuseOpen(path);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error instanceof IdentityError ? error : unusable(stateDir, error);
  }
}

/** Only the owner may read the key, and the owner must be who runs the agent (or root). Windows has no such modes. */
function refuseOpen(path: string): void {
  if (process.platform === 'win32') return;
  const { mode, uid } = statSync(path);
  const own = process.geteuid?.();
  if ((mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8);
    throw new IdentityError(
      'identity-open',
      `${path} can be read by others (mode ${shown}). If they had no business there: chmod 600 ${path}. Else pair this machine again.`,
    );
  }
  if (uid !== own && uid !== 0)
    throw new IdentityError(
      'identity-open',
      `${path} belongs to user ${uid}, but the agent runs as ${own}: chown it, or run as its owner.`,
    );
}

/** Writes a file whole or not at all, for the owner's eyes only. */
export function writeSecret(stateDir: string, name: string, text: string): void {
  const path = join(stateDir, name);
  const next = `${path}.${process.pid}.next`;
  try {
    makeFolder(stateDir);
    // A number of a process is given anew some day: what an ended one left is in the way.
    rmSync(next, { force: true });
    writeDurably(next, text, ownerOf(stateDir));
    renameSync(next, path);
    syncDirectory(stateDir);
  } catch (error) {
    throw unusable(stateDir, error);
  }
}

/** Removes a file. True when there was one. */
export function removeSecret(stateDir: string, name: string): boolean {
  try {
    rmSync(join(stateDir, name));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** The state folder cannot be used. */
export function unusable(stateDir: string, error: unknown): IdentityError {
  const reason = error instanceof Error ? error.message : String(error);
  return new IdentityError(
    'identity-unwritable',
    `The identity cannot be kept in ${stateDir}: ${reason}. Give another folder with --state.`,
  );
}

/** Root, who speaks to an agent of another user, leaves files that this one can read. */
function ownerOf(stateDir: string): { uid: number; gid: number } | undefined {
  return process.geteuid?.() === 0 ? statSync(stateDir) : undefined;
}

function writeDurably(path: string, content: string, owner: { uid: number; gid: number } | undefined): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    chmodSync(path, 0o600);
    if (owner) fchownSync(file, owner.uid, owner.gid);
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
