import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { segmentOf } from './ring.ts';

export const SPOOL_BYTES = 64 * 1024 * 1024;

/** Where an agent with this state folder keeps frames that wait. */
export const spoolFolder = (stateDir: string): string => join(stateDir, 'spool');

/** How full the spool is; nothing when there is none. */
export function spoolState(stateDir: string): { files: number; bytes: number } {
  try {
    const dir = spoolFolder(stateDir);
    const segments = readdirSync(dir).flatMap((name) => segmentOf(dir, name) ?? []);
    return { files: segments.length, bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0) };
  } catch {
    return { files: 0, bytes: 0 };
  }
}
