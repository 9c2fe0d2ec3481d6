import { msg } from '../msg.ts';

const MINUTE = 60_000;

/** Minutes from `now` until 8:00 of the next day, by this device's clock. */
export function untilMorning(now: number): number {
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(8, 0, 0, 0);
  return Math.round((morning.getTime() - now) / MINUTE);
}

/** For how long something may be snoozed; 0 ends a snooze, where there is one. */
export const snoozeChoices = (now: number, isSnoozed: boolean): readonly { minutes: number; title: string }[] => [
  { minutes: 30, title: msg('30 min') },
  { minutes: 60, title: msg('1 h') },
  { minutes: 240, title: msg('4 h') },
  { minutes: untilMorning(now), title: msg('Until 8:00 tomorrow') },
  { minutes: 1_440, title: msg('1 day') },
  { minutes: 10_080, title: msg('1 week') },
  ...(isSnoozed ? [{ minutes: 0, title: msg('End the snooze') }] : []),
];
