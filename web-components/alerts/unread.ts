import type { AlertHead } from '../../protocol/live.ts';
import { preferences } from '../preferences.ts';

/**
 * Whether the person has not seen it yet: it fired after they marked all as read. Before they ever did, what is over counts as read;
 * what nobody was told of always does.
 */
export function isUnread({ firedAt, status, isLate, coveredBy, held }: AlertHead, readAt: number | undefined): boolean {
  if (isLate || coveredBy !== undefined || held !== undefined) return false;
  return readAt === undefined ? status !== 'resolved' : firedAt > readAt;
}

/** Those of the list that were not read, by what the person keeps. */
export const unreadOf = (alerts: readonly AlertHead[]): readonly AlertHead[] =>
  alerts.filter((alert) => isUnread(alert, preferences().alertsReadAt));
