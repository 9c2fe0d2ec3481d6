import { Cron } from 'croner';
import type { Severity } from '../../protocol/alerts.ts';
import type { Category, QuietWindow } from '../../protocol/notifications.ts';

const RANK: Record<Severity, number> = { low: 0, medium: 1, high: 2, critical: 3 };
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Day (1 = Monday) and minute of the day on the clocks of a zone. */
function wallClock(now: number, timeZone: string): { day: number; minute: number } {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  clocks.set(timeZone, clock);
  const parts = Object.fromEntries(clock.formatToParts(now).map(({ type, value }) => [type, value]));
  return { day: DAYS.indexOf(parts.weekday ?? '') + 1, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Whether the clocks stand inside a window; past midnight it belongs to the day on which it began. */
function isInside({ days, from, to }: QuietWindow, { day, minute }: { day: number; minute: number }): boolean {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  const yesterday = day === 1 ? 7 : day - 1;
  if (start < end) return days.includes(day) && minute >= start && minute < end;
  return (days.includes(day) && minute >= start) || (days.includes(yesterday) && minute < end);
}

/** When clocks of a zone next show a time; where a change of clocks leaves it out, the moment after the gap. */
export function nextClockTime(now: number, time: string, timeZone: string): number {
  const next = new Cron(`${minuteOf(time) % 60} ${Math.floor(minuteOf(time) / 60)} * * *`, {
    timezone: timeZone,
  }).nextRun(new Date(now));
  if (!next) throw new Error(`no next ${time} in ${timeZone}`);
  return next.getTime();
}

/** The moment until which a message is held back, or undefined when it may go out now. Windows that follow each other count as one. */
export function quietUntil(
  now: number,
  { windows, timeZone }: { windows: readonly QuietWindow[]; timeZone: string },
  { category, severity }: { category: Category; severity: Severity },
): number | undefined {
  const mine = windows.filter(
    ({ categories, upTo }) =>
      (categories.length === 0 || categories.includes(category)) && RANK[severity] <= RANK[upTo],
  );
  let until: number | undefined;
  for (let hop = 0; hop < 8; hop++) {
    const at: number = until ?? now;
    const clock = wallClock(at, timeZone);
    const ends = mine.filter((window) => isInside(window, clock)).map(({ to }) => nextClockTime(at, to, timeZone));
    if (ends.length === 0) break;
    until = Math.max(...ends);
  }
  return until;
}
