/**
 * The disk refused a write or a read. `errno` is the system's code (`ENOSPC`, `EIO` …) where there is one; nothing was
 * acknowledged, and the same write may be tried again later.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code = 'storage-unavailable';
  readonly errno: string;

  constructor(what: string, cause: unknown) {
    const errno = errnoOf(cause);
    super(`${what}: ${words[errno] ?? (cause instanceof Error ? cause.message : String(cause))}`, { cause });
    this.errno = errno;
  }
}

/** The data directory cannot be used by this process, for a reason that a person has to know: another opener, a newer format. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
  /** `not-here`: documents and history are elsewhere, or it cannot be said where; `gone`: the database that was named is empty. */
  readonly code: 'locked' | 'newer-format' | 'migration-failed' | 'not-here' | 'gone';

  constructor(code: DataDirectoryError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const words: Record<string, string> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the disk quota is used up; raise it or free some space',
  EIO: 'the disk reported an input/output error; check the disk or the SD card',
  EROFS: 'the file system is read-only; the system may have found an error on it',
  EACCES: 'permission denied; the data directory must belong to the user that runs Reeve',
};

/** The system's code of an error, or an empty text. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A part that was damaged, and what was done about it, in words for people. */
export interface Damage {
  file: string;
  reason: string;
}
