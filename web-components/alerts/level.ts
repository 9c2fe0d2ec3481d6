import type { AlertHead } from '../../protocol/live.ts';
import type { Level } from '../parts/levels.ts';
import { SEVERITIES, severityLevel } from '../severity.ts';

/** Shape of an alert: its severity while it is active, a calm mark when it is over. */
export const alertLevel = ({ status, severity }: Pick<AlertHead, 'status' | 'severity'>): Level =>
  status === 'resolved' ? 'ok' : severityLevel(severity);

/** Nobody looks after it, and nothing keeps it quiet: it waits for a person. */
export const isWaiting = ({ status, snoozedUntil, coveredBy, held }: AlertHead): boolean =>
  status === 'open' && snoozedUntil === undefined && coveredBy === undefined && held === undefined;

/** Those that wait for a person first, then by severity, then the one that fired last. */
export function byUrgency(a: AlertHead, b: AlertHead): number {
  return (
    Number(isWaiting(b)) - Number(isWaiting(a)) ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    b.firedAt - a.firedAt
  );
}
