import { Cron } from 'croner';
import type { Schedule } from '../jobs.ts';
import { Recent } from '../recent.ts';

/** Times that were found last. A schedule is looked at each second, and finding the next time of one takes a millisecond. */
const found = new Recent<string, { at: number | undefined }>(200, () => 1);

/**
 * The first time after `after` (epoch ms) at which a schedule asks for a run; undefined for "by hand". Across a change of summer
 * time a fixed time runs once: one that is left out is made up at the next moment there is, one that comes twice counts the first
 * time.
 */
export function nextAt(schedule: Schedule, after: number): number | undefined {
  if (schedule === 'by hand') return undefined;
  if ('everyMs' in schedule) return after + schedule.everyMs;
  const key = `${after} ${schedule.zone} ${schedule.cron}`;
  const known = found.get(key);
  if (known) return known.at;
  const at = cronOf(schedule).nextRun(new Date(after))?.getTime();
  found.set(key, { at });
  return at;
}

/** A schedule in words for people. */
export function scheduleText(schedule: Schedule): string {
  if (schedule === 'by hand') return 'by hand';
  if ('cron' in schedule) return `${cronWords(schedule.cron)} (${schedule.zone})`;
  const hours = schedule.everyMs / 3_600_000;
  if (hours === 24) return 'every day';
  if (hours >= 1) return hours === 1 ? 'every hour' : `every ${round(hours)} hours`;
  return `every ${round(schedule.everyMs / 60_000)} minutes`;
}

/** Says what is wrong with a cron text or a time zone; undefined when both are right. */
export function wrongSchedule(schedule: Schedule): string | undefined {
  try {
    return nextAt(schedule, 0) === undefined && schedule !== 'by hand' ? 'this time never comes' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const cronOf = ({ cron, zone }: { cron: string; zone: string }): Cron =>
  new Cron(cron, { timezone: zone, mode: '5-part', paused: true });

const round = (value: number): number => Math.round(value * 10) / 10;

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The usual two forms in words, any other as it is written. */
function cronWords(cron: string): string {
  const [minute = '', hour = '', day, month, weekday = ''] = cron.split(/\s+/);
  if (!/^\d+$/.test(minute) || !/^\d+$/.test(hour) || day !== '*' || month !== '*') return cron;
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (weekday === '*') return `every day at ${time}`;
  const name = /^\d$/.test(weekday) ? WEEKDAYS[Number(weekday)] : undefined;
  return name ? `every ${name} at ${time}` : cron;
}
