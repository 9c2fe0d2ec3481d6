import type { Job, Schedule } from '../jobs.ts';
import type { Backups } from './backups.ts';

const HOUR_MS = 3_600_000;

/** Making by schedule or by hand; once more when it failed, because history may have been cleared while it was read. */
export const backupJob = (backups: Backups, schedule: () => Schedule): Job => ({
  id: 'backup',
  title: 'Make a backup',
  schedule,
  timeoutMs: 24 * HOUR_MS,
  retries: 1,
  run: (context) => backups.make(context),
});

/** When it is done, the appliance has to be started anew. */
export const restoreJob = (backups: Backups): Job => ({
  id: 'restore',
  title: 'Restore a backup',
  schedule: 'by hand',
  timeoutMs: 24 * HOUR_MS,
  run: (context) => backups.restore(context),
});
