import type { JobRun } from '../../protocol/jobs.ts';
import type { BackupSettings } from '../../protocol/settings/backup.ts';

const DAY_MS = 86_400_000;
/** A day more than the time between two: one that failed was tried again by then. */
const LONGEST_MS = { daily: 2 * DAY_MS, weekly: 8 * DAY_MS } as const;

/** Whether a backup should have been made long ago, in words; `since` is from when on one could have been. Pure. */
export function overdueOf(
  schedule: BackupSettings['schedule'],
  runs: readonly JobRun[],
  { since, now }: { since: number; now: number },
): string | undefined {
  if (schedule === 'never') return undefined;
  const done = runs.filter(({ state }) => state === 'done').map(({ startedAt }) => startedAt);
  const first = Math.min(since, ...runs.map(({ startedAt }) => startedAt));
  const lastAt = done.length > 0 ? Math.max(...done) : undefined;
  if (now - (lastAt ?? first) <= LONGEST_MS[schedule]) return undefined;
  const last =
    lastAt === undefined ? 'none was ever made' : `the last one is of ${new Date(lastAt).toISOString().slice(0, 10)}`;
  return `A ${schedule} backup is planned, and ${last}`;
}
