import type { Alert } from '../../protocol/alerts.ts';
import type { RouteFields } from '../../protocol/notifications.ts';

type EscalationRoute = RouteFields & { id: string };

const MINUTE_MS = 60_000;
/** Later than this nobody is woken for it: a route that was just made must not tell of last month. */
const LATEST_MS = 24 * 60 * MINUTE_MS;

/** Id of the message by which a route escalates an alert: there is one, for good. */
export const escalationId = (alert: Pick<Alert, 'id'>, route: { id: string }): string =>
  `${alert.id}.after.${route.id}`;

/** Whether a route asks for an alert to be told now because nobody has answered. Pure. */
export function isDue(
  { status, toldAt, snoozedUntil, held }: Pick<Alert, 'status' | 'toldAt' | 'snoozedUntil' | 'held'>,
  { afterMinutes, isEnabled }: Pick<EscalationRoute, 'afterMinutes' | 'isEnabled'>,
  now: number,
): boolean {
  if (!isEnabled || afterMinutes === 0 || status !== 'open' || toldAt === undefined) return false;
  if (snoozedUntil !== undefined || held !== undefined) return false;
  const dueAt = toldAt + afterMinutes * MINUTE_MS;
  return now >= dueAt && now < dueAt + LATEST_MS;
}

/** Routes that an end goes to: those at once, and those that escalated the alert. */
export const routesOfEnd = <R extends EscalationRoute>(
  routes: readonly R[],
  hasEscalated: (route: R) => boolean,
): R[] => routes.filter((route) => route.afterMinutes === 0 || hasEscalated(route));
