import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty directory for set-ups that outlive one test; the caller removes it with `removeDirectory`. */
export function makeDirectory(prefix = 'reeve-test-'): string {
  return mkdtempSync(join(tmpdir(), prefix));
}

/** Takes a directory away with everything in it; a missing one is fine. */
export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
}
