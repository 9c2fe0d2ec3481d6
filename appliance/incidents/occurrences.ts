import { Cron } from 'croner';
import type { MaintenanceSchedule, Span } from '../../protocol/silences.ts';

/** A schedule with the zone whose clocks it goes by. */
export interface Planned {
  schedule: MaintenanceSchedule;
  timeZone: string;
}

const MINUTE_MS = 60_000;
/** The longest that one occurrence lasts, for those that come again: seven days, and the hour of a change of clocks. */
const LONGEST_MS = 10_080 * MINUTE_MS + 3_600_000;
/** Closer together than this it is no maintenance any more, and reckoning it would cost time. */
const CLOSEST_MS = 30 * MINUTE_MS;
const LOOKED_AT = 20;

const cronOf = (pattern: string, timezone: string): Cron =>
  new Cron(pattern, { timezone, mode: '5-part', paused: true });
const clockCron = (time: string, days: string): string =>
  `${Number(time.slice(3))} ${Number(time.slice(0, 2))} * * ${days}`;

/** The first occurrence that begins after a moment (epoch ms). Both ends are moments; `to` is the first one after it. */
export function nextAfter({ schedule, timeZone }: Planned, after: number): Span | undefined {
  if (schedule.kind === 'once')
    return schedule.startsAt > after ? { from: schedule.startsAt, to: schedule.endsAt } : undefined;
  if (schedule.kind === 'cron') {
    const from = cronOf(schedule.cron, timeZone).nextRun(new Date(after))?.getTime();
    return from === undefined ? undefined : { from, to: from + schedule.minutes * MINUTE_MS };
  }
  const starts = cronOf(clockCron(schedule.from, schedule.days.join(',')), timeZone);
  const ends = cronOf(clockCron(schedule.to, '*'), timeZone);
  for (let at = after; ; ) {
    const from = starts.nextRun(new Date(at))?.getTime();
    if (from === undefined) return undefined;
    // From just before: where the clocks leave both times out, they fall together and nothing is left of it.
    const to = ends.nextRun(new Date(from - 1))?.getTime();
    if (to !== undefined && to > from) return { from, to };
    at = from;
  }
}

/** Every occurrence that has a part in a span, oldest first, at most `most`. */
export function occurrencesIn(planned: Planned, { from, to }: Span, most = 1_000): Span[] {
  const found: Span[] = [];
  const before = planned.schedule.kind === 'once' ? Number.NEGATIVE_INFINITY : from - LONGEST_MS;
  for (let at = before; found.length < most; ) {
    const next = nextAfter(planned, at);
    if (!next || next.from >= to) return found;
    if (next.to > from) found.push(next);
    at = next.from;
  }
  return found;
}

/** The occurrence that is under way; of several that overlap the one that ends last. */
export function occurrenceAt(planned: Planned, now: number): Span | undefined {
  const running = occurrencesIn(planned, { from: now, to: now + 1 }, LOOKED_AT * LOOKED_AT);
  return running.reduce<Span | undefined>((last, each) => (last && last.to >= each.to ? last : each), undefined);
}

/** What is wrong with a schedule, and the cure; undefined when it is right. */
export function wrongPlan(planned: Planned, now: number): string | undefined {
  const { schedule } = planned;
  if (schedule.kind !== 'cron') return undefined;
  try {
    let at = now;
    for (let n = 0; n < LOOKED_AT; n++) {
      const next = nextAfter(planned, at);
      if (!next) return n === 0 ? 'this time never comes: look at day and month' : undefined;
      if (n > 0 && next.from - at < CLOSEST_MS)
        return 'it begins more often than each half hour: begin less often, and last longer';
      at = next.from;
    }
    return undefined;
  } catch {
    return 'this is no cron text: write minute hour day month weekday, such as 0 3 * * 0';
  }
}
