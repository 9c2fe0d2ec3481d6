import type { z } from 'zod';
import type { auditOverview } from '../../protocol/routes/audits.ts';
import type { AuditFeature } from './feature.ts';
import { scoreOf } from './judge.ts';

type Overview = z.output<(typeof auditOverview)['answer']>;
type Worst = Overview['worst'][number];

const ORDER = ['critical', 'high', 'medium', 'low'];
const MOST = 20;

/** What is worst in the last audits of a site, and on how many of its targets. Waived findings are left out. */
export async function overviewOf(siteId: string, { targets, audits }: AuditFeature): Promise<Overview> {
  const last = await audits.lastFindings(siteId);
  const worst = new Map<string, Worst>();
  for (const { findings, targetId, id } of last)
    for (const { checkId, title, severity, waiver } of findings) {
      if (waiver) continue;
      const key = `${checkId} ${severity}`;
      const entry = worst.get(key) ?? { checkId, title, severity, targets: [] };
      entry.targets.push({ id: targetId, name: targets.get(targetId)?.name ?? '', auditId: id });
      worst.set(key, entry);
    }
  const scores = last.flatMap((record) => scoreOf(record) ?? []);
  const mean = scores.reduce((sum, each) => sum + each, 0) / scores.length;
  return {
    ...(scores.length > 0 && { score: Math.round(mean) }),
    audited: last.length,
    targets: targets.of(siteId).length,
    worst: [...worst.values()]
      .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || b.targets.length - a.targets.length)
      .slice(0, MOST),
  };
}
