import type { Severity } from '../protocol/alerts.ts';
import { msg } from './msg.ts';
import type { Level } from './parts/levels.ts';

/** From the worst to the least. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** The mark of a severity: medium is what people call a warning. */
export const severityLevel = (severity: Severity): Level => (severity === 'medium' ? 'warning' : severity);

export function severityWord(severity: Severity): string {
  const words: Record<Severity, string> = {
    critical: msg('critical'),
    high: msg('high'),
    medium: msg('warning'),
    low: msg('low'),
  };
  return words[severity];
}
