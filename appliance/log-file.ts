import { renameSync, rmSync, statSync } from 'node:fs';
import { destination } from 'pino';

/** Bytes of one file; three are kept: FILE, FILE.1 and FILE.2. */
const MOST_BYTES = 10 * 1024 * 1024;
const KEPT = 3;

export interface LogFile {
  write(line: string): void;
  close(): void;
}

/**
 * A log file that turns over before it is too large: `file` is the newest, `file.1` the one before. Lines are written behind the
 * caller's back; a disk that takes none costs lines, not the appliance.
 */
export function openLogFile(file: string, { mostBytes = MOST_BYTES, kept = KEPT } = {}): LogFile {
  const stream = destination({ dest: file, sync: false, mkdir: true, mode: 0o600 });
  let bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  stream.on('error', () => undefined);
  const turnOver = (): void => {
    try {
      stream.flushSync();
      rmSync(`${file}.${kept - 1}`, { force: true });
      for (let n = kept - 2; n >= 0; n--) renameIfThere(n === 0 ? file : `${file}.${n}`, `${file}.${n + 1}`);
      stream.reopen();
    } catch {
      // It goes on in the same file.
    }
    bytes = 0;
  };
  return {
    write(line) {
      const length = Buffer.byteLength(line);
      if (bytes > 0 && bytes + length > mostBytes) turnOver();
      bytes += length;
      stream.write(line);
    },
    close() {
      try {
        stream.flushSync();
      } finally {
        stream.destroy();
      }
    },
  };
}

function renameIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, to);
}
