import type { AuditDetail } from '../../protocol/routes/audits.ts';
import { csvCell, harmless } from '../csv.ts';

const COLUMNS = [
  ...['host', 'audited', 'severity', 'check', 'finding', 'points', 'evidence', 'reason', 'remedy'],
  'waived because',
];

/** Findings, one a line, worst first; RFC 4180. */
export function asCsv({ audit, findings }: AuditDetail): string {
  const rows = findings.map((each) => [
    ...[audit.targetName, new Date(audit.startedAt).toISOString(), each.severity, each.checkId, each.title],
    // Where spreadsheets split at semicolons each piece of evidence begins a cell of its own.
    ...[each.points, each.evidence.map(harmless).join('; '), each.reason, each.remedy, each.waiver?.reason ?? ''],
  ]);
  return `${[COLUMNS, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`;
}
