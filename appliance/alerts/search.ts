import type { Alert } from '../../protocol/alerts.ts';
import type { Filter } from '../store/documents.ts';
import type { AlertRecord } from './documents.ts';

/** What somebody looks for among the alerts of a site. */
export interface Search {
  siteId: string;
  status?: 'active' | Alert['status'] | undefined;
  severity?: Alert['severity'] | undefined;
  hostId?: string | undefined;
  ruleId?: string | undefined;
  incidentId?: string | undefined;
  held?: 'yes' | 'no' | undefined;
  from?: number | undefined;
  to?: number | undefined;
  late: 'yes' | 'no' | 'only';
  text?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** What the store can look for itself. */
export function filterOf(
  { siteId, severity, hostId, ruleId, status }: Search,
  cursor: string | undefined,
): Filter<AlertRecord> {
  return {
    siteId,
    ...(severity !== undefined && { severity }),
    ...(hostId !== undefined && { hostId }),
    ...(ruleId !== undefined && { ruleId }),
    ...(status === 'active' && { status: { in: ['open', 'acknowledged'] as const } }),
    ...(status !== undefined && status !== 'active' && { status }),
    ...(cursor !== undefined && { id: { lt: cursor } }),
  };
}

/** Whether an alert is looked for in every other respect. */
export function fits(record: AlertRecord, search: Search): boolean {
  const { from = 0, to = Number.POSITIVE_INFINITY, late, text = '', incidentId, held } = search;
  if (incidentId !== undefined && record.incidentId !== incidentId) return false;
  if (held !== undefined && (held === 'yes') !== (record.held !== undefined)) return false;
  if (record.firedAt < from || record.firedAt >= to) return false;
  if ((late === 'no' && record.isLate) || (late === 'only' && !record.isLate)) return false;
  const words = `${record.title} ${record.hostName ?? ''} ${record.reason} ${record.ruleTitle}`.toLowerCase();
  return text === '' || words.includes(text.toLowerCase());
}
