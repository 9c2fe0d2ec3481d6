import { DataDirectoryError, StorageError } from './store/errors.ts';

/** A reason not to start that a person can mend; printed without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const WORDS: Record<string, string> = {
  EACCES: 'this user may not use it: give it to the user that runs Reeve (chown)',
  EPERM: 'this user may not use it: give it to the user that runs Reeve (chown)',
  EROFS: 'it is on a file system that is mounted read-only',
  ENOSPC: 'the disk is full: free some space',
  EEXIST: 'there is a file of that name: the data directory has to be a folder',
  ENOTDIR: 'there is a file of that name: the data directory has to be a folder',
  ENOENT: 'no such folder or file can be made there',
  EISDIR: 'it is a folder and has to be a file: restore it from a backup',
};

/** The error as something that a person can mend, where it is about the data directory; else the error as it is. */
export function asStartError(error: unknown, data: string): unknown {
  if (error instanceof DataDirectoryError || error instanceof StorageError) return new StartError(error.message);
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const words = WORDS[error.code];
  const file = 'path' in error && typeof error.path === 'string' ? error.path : data;
  // Other files than its own (a library's, say) are no matter of REEVE_DATA.
  if (!words || !file.startsWith(data)) return error;
  return new StartError(`${file} cannot be used: ${words}, or name another folder (REEVE_DATA)`);
}

/** Refuses to make `file` anew where agents rely on the lost one. */
export function refuseLost(file: string, what: string): never {
  throw new StartError(
    `${file} is missing, and agents are paired with this appliance: restore it from a backup${what}. Without it they would all have to be paired anew; to begin anew, name an empty folder (REEVE_DATA)`,
  );
}
