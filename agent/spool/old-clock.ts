import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { StreamNote } from './segment.ts';

/** The time since boot is told in steps of 10 ms: differences below this are noise, and would move frames off their grid. */
const LEAST_DIFFERENCE_MS = 250;

/** What ties two runs of the agent together in time: within one boot, the time since boot counts on for both. */
export interface BootClock {
  boot: string;
  wallAheadMs: number;
}

/** The boot and the wall clock of this moment. */
export function bootClock(): BootClock {
  boot ??= bootName();
  return { boot, wallAheadMs: Math.round(Date.now() - uptime() * 1000) };
}

let boot: string | undefined;

function bootName(): string {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return createHash('sha256').update(`reeve spool ${id}`).digest('base64url').slice(0, 16);
  } catch {
    return '';
  }
}

/**
 * What to add to the `at` of a frame of an earlier run for appliance time. That run's own measurement counts, corrected by how its
 * wall clock was set after the frame. A run that never reached the appliance is tied to this one by the time since boot; from
 * another boot nothing ties it, and its wall clock is believed as it was.
 */
export function offsetOfOld(
  note: Pick<StreamNote, 'boot' | 'offsetMs' | 'wallAheadMs' | 'steps'>,
  { mono }: { mono: number },
  now: BootClock & { offsetMs: number },
): number {
  const set = note.steps.reduce((sum, step) => (mono < step.mono ? sum + step.byMs : sum), 0);
  if (note.offsetMs !== null) return note.offsetMs + set;
  if (note.boot === '' || note.boot !== now.boot) return set;
  const wasSetBy = now.wallAheadMs - note.wallAheadMs;
  return set + now.offsetMs + (Math.abs(wasSetBy) < LEAST_DIFFERENCE_MS ? 0 : wasSetBy);
}
