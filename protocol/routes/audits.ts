import { z } from 'zod';
import { auditFacts } from '../audit-facts.ts';
import { auditKind, auditSummary, finding, findingSeverity, unjudged } from '../audits.ts';
import { documentId } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const auditParams = z.object({ auditId: documentId });
const signedIn = ['not-signed-in', 'not-allowed', 'invalid-request'] as const;
const ofRecord = [...signedIn, 'not-found'] as const;

export const startAudit = route({
  id: 'audits.start',
  method: 'POST',
  path: '/api/v1/audit-targets/:targetId/audits',
  access: 'operator',
  site: 'record',
  summary: 'Starts an audit; answers with the one that runs already, if there is one',
  params: z.object({ targetId: documentId }),
  body: z.object({ kind: auditKind.default('full') }),
  answer: auditSummary,
  status: 202,
  errors: ofRecord,
});

export const listAudits = route({
  id: 'audits.list',
  method: 'GET',
  path: '/api/v1/audits',
  access: 'viewer',
  site: 'none',
  summary: 'Lists audits, newest first',
  query: z.object({ ...pageQuery, targetId: documentId.optional() }),
  answer: paged(auditSummary),
  errors: signedIn,
});

export const auditOverview = route({
  id: 'audits.overview',
  method: 'GET',
  path: '/api/v1/audits/overview',
  access: 'viewer',
  site: 'none',
  summary: 'Says which findings of the last audits are worst, and where',
  answer: z.object({
    /** Mean of the scores; absent while nothing was audited. */
    score: z.number().exactOptional(),
    audited: z.number().int(),
    targets: z.number().int(),
    worst: z.array(
      z.object({
        checkId: z.string(),
        title: z.string(),
        severity: findingSeverity,
        targets: z.array(z.object({ id: documentId, name: z.string(), auditId: documentId })),
      }),
    ),
  }),
  errors: signedIn,
});

export const auditDetail = z.object({
  audit: auditSummary,
  findings: z.array(finding),
  unjudged: z.array(unjudged),
  /** Titles of the checks that found nothing. */
  passed: z.array(z.object({ checkId: z.string(), title: z.string() })),
  /** Absent where the audit failed, and for old ones. */
  facts: auditFacts.exactOptional(),
  /** The audit of this target before it that can be compared. */
  previousId: documentId.exactOptional(),
});
export type AuditDetail = z.infer<typeof auditDetail>;

export const readAudit = route({
  id: 'audits.read',
  method: 'GET',
  path: '/api/v1/audits/:auditId',
  access: 'viewer',
  site: 'record',
  summary: 'Says what an audit found, or how far it is',
  params: auditParams,
  answer: auditDetail,
  errors: ofRecord,
});

export const cancelAudit = route({
  id: 'audits.cancel',
  method: 'POST',
  path: '/api/v1/audits/:auditId/cancel',
  access: 'operator',
  site: 'record',
  summary: 'Ends an audit that runs',
  params: auditParams,
  answer: z.null(),
  status: 204,
  errors: ofRecord,
});

const auditComparison = z.object({
  before: auditSummary,
  after: auditSummary,
  appeared: z.array(finding),
  gone: z.array(finding),
  stayed: z.array(finding),
  /** Found by one of the two, while the other could not judge it, as a quick audit does not read packages. */
  judgedOnce: z.array(finding),
  changes: z.array(
    z.object({
      title: z.string(),
      lines: z.array(
        z.object({
          kind: z.enum(['added', 'removed', 'changed']),
          name: z.string(),
          before: z.string().exactOptional(),
          after: z.string().exactOptional(),
        }),
      ),
      /** Lines that are left out. */
      more: z.number().int(),
    }),
  ),
});
export type AuditComparison = z.infer<typeof auditComparison>;

export const compareAudits = route({
  id: 'audits.compare',
  method: 'GET',
  path: '/api/v1/audits/:auditId/compare/:beforeId',
  access: 'viewer',
  site: 'record',
  summary: 'Says what is other than in an earlier audit of the same target',
  params: z.object({ auditId: documentId, beforeId: documentId }),
  answer: auditComparison,
  errors: ofRecord,
});

export const auditCsv = route({
  id: 'audits.csv',
  method: 'GET',
  path: '/api/v1/audits/:auditId/findings.csv',
  access: 'viewer',
  site: 'record',
  summary: 'Downloads the findings of an audit for a spreadsheet',
  params: auditParams,
  answer: 'text/csv',
  errors: ofRecord,
});

export const auditHtml = route({
  id: 'audits.html',
  method: 'GET',
  path: '/api/v1/audits/:auditId/report.html',
  access: 'viewer',
  site: 'record',
  summary: 'Downloads an audit as a page that stands by itself',
  params: auditParams,
  answer: 'text/html',
  errors: ofRecord,
});

export const auditsRoutes = [
  ...[startAudit, listAudits, auditOverview, readAudit, cancelAudit],
  ...[compareAudits, auditCsv, auditHtml],
] as const;
