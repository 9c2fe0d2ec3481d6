import type { AlertMatch, MaintenanceSchedule, Span } from '../../protocol/silences.ts';
import { msg } from '../msg.ts';
import { daysText } from '../notifications/words.ts';
import { SEVERITIES, severityWord } from '../severity.ts';
import { dayText, exactTime, minuteTime, spanText } from '../times.ts';
import type { Known } from './plan-form.ts';

/** Which alerts are meant, in words. */
export function matchText({ hostIds, tags, ruleIds, severities }: AlertMatch, { hosts, rules }: Known): string {
  const names = hostIds.map((id) => hosts.find((host) => host.id === id)?.name ?? msg('a host that is gone'));
  const titles = ruleIds.map((id) => rules.find((rule) => rule.id === id)?.title ?? msg('a rule that is gone'));
  const whom = [...names, ...(tags.length > 0 ? [msg('tagged {tags}', { tags: tags.join(', ') })] : [])];
  const parts = [
    whom.length > 0 ? whom.join(', ') : msg('All hosts'),
    ...(titles.length > 0 ? [titles.join(', ')] : []),
    ...(severities.length > 0
      ? [
          SEVERITIES.filter((each) => severities.includes(each))
            .map(severityWord)
            .join(', '),
        ]
      : []),
  ];
  return parts.join(' · ');
}

/** `21 Nov 14:00 to 16:00`; the second day only where it is another one. */
export function spanWords({ from, to }: Span): string {
  const start = exactTime(from).slice(0, 16);
  const end = dayText(from) === dayText(to) ? minuteTime(to) : exactTime(to).slice(0, 16);
  return msg('{from} to {to}', { from: start, to: end });
}

/** When a window holds: once, every week, or by a cron expression. */
export function scheduleText(schedule: MaintenanceSchedule, zone: string): string {
  switch (schedule.kind) {
    case 'once':
      return msg('once, {span}', { span: spanWords({ from: schedule.startsAt, to: schedule.endsAt }) });
    case 'weekly':
      return msg('{days} {from} to {to}, {zone}', { ...schedule, days: daysText(schedule.days), zone });
    case 'cron':
      return msg('{cron} for {span}, {zone}', { cron: schedule.cron, span: spanText(schedule.minutes * 60_000), zone });
  }
}
