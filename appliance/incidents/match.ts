import type { Alert } from '../../protocol/alerts.ts';
import type { AlertMatch } from '../../protocol/silences.ts';

const fits = (wanted: readonly string[], given: string): boolean => wanted.length === 0 || wanted.includes(given);

/** Whether a host is among those that are meant. */
export function meansHost({ hostIds, tags }: AlertMatch, host: { id: string; tags: readonly string[] }): boolean {
  if (hostIds.length === 0 && tags.length === 0) return true;
  return hostIds.includes(host.id) || tags.some((tag) => host.tags.includes(tag));
}

/** Whether an alert is meant; one that belongs to no host is only where hosts and tags are left open. `tags` are those of its host. */
export function meansAlert(
  match: AlertMatch,
  { hostId = '', ruleId, severity }: Pick<Alert, 'hostId' | 'ruleId' | 'severity'>,
  tags: readonly string[],
): boolean {
  return fits(match.ruleIds, ruleId) && fits(match.severities, severity) && meansHost(match, { id: hostId, tags });
}
