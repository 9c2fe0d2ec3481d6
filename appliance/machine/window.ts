import { WEEKDAYS } from '../../protocol/settings/backup.ts';
import type { UpdateSettings } from '../../protocol/settings/update.ts';
import type { Schedule } from '../jobs.ts';

/** When an update is looked for, in the time zone `zone`. */
export function updateSchedule({ schedule, weekday, from }: UpdateSettings, zone: string): Schedule {
  if (schedule === 'never') return 'by hand';
  const [hour = 0, minute = 0] = from.split(':').map(Number);
  return { cron: `${minute} ${hour} * * ${schedule === 'weekly' ? WEEKDAYS.indexOf(weekday) : '*'}`, zone };
}

/** Whether a moment lies between two times of the clock, the first included; a window may go over midnight. */
export function isWithin(at: number, { from, until }: Pick<UpdateSettings, 'from' | 'until'>, zone: string): boolean {
  const now = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);
  return from < until ? now >= from && now < until : now >= from || now < until;
}
