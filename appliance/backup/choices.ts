import path from 'node:path';
import { type BackupSettings, WEEKDAYS } from '../../protocol/settings/backup.ts';
import type { Schedule } from '../jobs.ts';
import type { BackupChoices } from './backups.ts';

/** When a backup is due, in the time zone `zone`. */
export function scheduleOf({ schedule, weekday, time }: BackupSettings, zone: string): Schedule {
  if (schedule === 'never') return 'by hand';
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const day = schedule === 'weekly' ? WEEKDAYS.indexOf(weekday) : '*';
  return { cron: `${minute} ${hour} * * ${day}`, zone };
}

export const choicesOf = ({ folder, keep, passphrase }: BackupSettings, dataDir: string): BackupChoices => ({
  folder: folder || path.join(dataDir, 'backups'),
  keep,
  passphrase: passphrase || undefined,
});
