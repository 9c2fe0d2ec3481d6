import type { Severity } from '../../protocol/alerts.ts';
import type { Category, RouteFields } from '../../protocol/notifications.ts';
import type { NotificationSettings } from '../../protocol/settings/notifications.ts';
import { nextClockTime, quietUntil } from './quiet.ts';

/** What routing looks at. */
export interface Routed {
  severity: Severity;
  category: Category;
  tags: readonly string[];
  /** It says that something is over. */
  isEnd: boolean;
}

/** Where a message goes, and when; `held` says why not at once. Nobody = no route fits. */
export interface Way {
  channelIds: string[];
  /** Gathered with others into one message at that moment. */
  digestAt?: number;
  held?: string;
}

const fits = (wanted: readonly string[], given: string): boolean => wanted.length === 0 || wanted.includes(given);

/** The channels of every route that fits, each once; all of them where the site has made no route yet. */
export function channelsOf(
  { severity, category, tags, isEnd }: Routed,
  routes: readonly RouteFields[],
  all: readonly string[],
): string[] {
  if (routes.length === 0) return [...all];
  const mine = routes.filter(
    (route) =>
      route.isEnabled &&
      (!isEnd || route.tellsEnd) &&
      fits(route.severities, severity) &&
      fits(route.categories, category) &&
      (route.tags.length === 0 || route.tags.some((tag) => tags.includes(tag))),
  );
  const named = new Set(mine.flatMap(({ channelIds }) => channelIds));
  return all.filter((id) => named.has(id));
}

export interface RoutingContext {
  now: number;
  timeZone: string;
  settings: NotificationSettings;
  routes: readonly RouteFields[];
  /** Channels that are switched on. */
  channelIds: readonly string[];
}

/** Decides for one message; pure. */
export function wayOf(routed: Routed, { now, timeZone, settings, routes, channelIds }: RoutingContext): Way {
  const channels = channelsOf(routed, routes, channelIds);
  if (channels.length === 0) return { channelIds: [], held: 'no route leads to a channel' };
  if (routed.severity === 'low' && settings.low === 'never')
    return { channelIds: [], held: 'messages of low severity are switched off' };
  const until = quietUntil(now, { windows: settings.quiet, timeZone }, routed);
  if (until !== undefined) return { channelIds: channels, digestAt: until, held: 'quiet hours' };
  if (routed.severity === 'low' && settings.low === 'digest')
    return {
      channelIds: channels,
      digestAt: nextClockTime(now, settings.digestAt, timeZone),
      held: 'low severity: told once a day',
    };
  return { channelIds: channels };
}
