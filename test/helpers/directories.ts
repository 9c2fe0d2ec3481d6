import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const made = new Set<string>();

/**
 * An empty directory for set-ups that outlive one test. It goes when `removeDirectory` is called, at the latest with the test file
 * (clean-up.ts) or the process: a program that is stopped in an `afterAll` writes until then.
 */
export function makeDirectory(prefix = 'reeve-test-'): string {
  const directory = mkdtempSync(join(tmpdir(), prefix));
  made.add(directory);
  return directory;
}

/** Takes a directory away with everything in it; a missing one is fine. */
export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  made.delete(directory);
}

/** Takes away every directory that is still there. */
export function removeDirectories(): void {
  for (const directory of made) removeDirectory(directory);
}

process.on('exit', removeDirectories);

/** Lets other users read a folder of a test; the temporary folder that the runner made for the run is closed to all others. */
export function openToOthers(folder: string): void {
  chmodSync(folder, 0o755);
  const run = dirname(folder);
  if (basename(run).startsWith('reeve-run-')) chmodSync(run, 0o711);
}
