import type { Category, QuietWindow } from '../../protocol/notifications.ts';
import { language, msg } from '../msg.ts';
import type { ResponseOf } from '../rest.ts';
import { SEVERITIES, severityWord } from '../severity.ts';

export type Channel = ResponseOf<'GET /api/v1/notification-channels'>['items'][number];
export type ChannelKind = ResponseOf<'GET /api/v1/notification-channel-kinds'>['items'][number];
export type Route = ResponseOf<'GET /api/v1/notification-routes'>['items'][number];
export type Delivery = ResponseOf<'GET /api/v1/notifications'>['items'][number];

/** In the order in which they are offered. */
export const CATEGORY_IDS: readonly Category[] = [
  'offline',
  'performance',
  'storage',
  'hardware',
  'service',
  'security',
  'reeve',
  'other',
];

export function categoryWord(category: Category): string {
  const words: Record<Category, string> = {
    offline: msg('host offline'),
    performance: msg('performance'),
    storage: msg('storage'),
    hardware: msg('hardware'),
    service: msg('services'),
    security: msg('security'),
    reeve: msg('Reeve itself'),
    other: msg('everything else'),
  };
  return words[category];
}

/** Days as they are stored, 1 = Monday, with their short names. */
export const dayChoices = (): { value: number; title: string }[] =>
  [1, 2, 3, 4, 5, 6, 7].map((value) => ({ value, title: dayName(value) }));

// The first of January 2024 was a Monday.
const dayName = (day: number): string =>
  new Intl.DateTimeFormat(language(), { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, 0, day));

/** `every day`, `Mon–Fri`, `Sat, Sun`. */
export function daysText(days: readonly number[]): string {
  const sorted = [...days].sort((a, b) => a - b);
  if (sorted.length === 7) return msg('every day');
  const runs: number[][] = [];
  for (const day of sorted) {
    const run = runs.at(-1);
    if (run && run.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  return runs
    .map((run) =>
      run.length > 2 ? `${dayName(run[0] ?? 1)}–${dayName(run.at(-1) ?? 1)}` : run.map(dayName).join(', '),
    )
    .join(', ');
}

/** `Mon–Fri 22:00 to 07:00: storage, services; up to high`. */
export function quietText({ days, from, to, categories, upTo }: QuietWindow): string {
  const about = categories.length === 0 ? msg('everything') : categories.map(categoryWord).join(', ');
  return msg('{days} {from} to {to}: {about}, up to {severity}', {
    ...{ days: daysText(days), from, to, about },
    severity: severityWord(upTo),
  });
}

/** Whom a route is about, in words: what it names, or that it takes everything. */
export function routeText({ severities, categories, tags }: Pick<Route, 'severities' | 'categories' | 'tags'>): string {
  const parts = [
    ...(severities.length > 0
      ? [
          SEVERITIES.filter((each) => severities.includes(each))
            .map(severityWord)
            .join(', '),
        ]
      : []),
    ...(categories.length > 0 ? [categories.map(categoryWord).join(', ')] : []),
    ...(tags.length > 0 ? [msg('hosts tagged {tags}', { tags: tags.join(', ') })] : []),
  ];
  return parts.length > 0 ? parts.join(' · ') : msg('everything');
}

/** Whether a channel may send over a connection that is not encrypted. */
export const isPlain = ({ value }: Pick<Channel, 'value'>): boolean =>
  value.allowPlain === true || value.security === 'none';

/** Where a channel leads, of what may be shown: never a secret. */
export function destination({ value }: Pick<Channel, 'value'>): string {
  const shown = ['to', 'host', 'server', 'topic', 'url', 'contact'].flatMap((name) => {
    const each = value[name];
    if (Array.isArray(each)) return each.map(String).join(', ');
    return typeof each === 'string' && each !== '' ? [each] : [];
  });
  return shown.slice(0, 2).join(', ');
}
