import { auditHostScript, auditJoin, makeAuditJoin } from '../../protocol/routes/audit-joins.ts';
import { addWaiver, listWaivers, removeWaiver } from '../../protocol/routes/audit-waivers.ts';
import {
  auditCsv,
  auditHtml,
  auditOverview,
  cancelAudit,
  compareAudits,
  listAudits,
  readAudit,
  startAudit,
} from '../../protocol/routes/audits.ts';
import { pageOf, sorted } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import { asSummary, titleOf } from './audits.ts';
import { changesBetween, findingsBetween } from './compare.ts';
import { asCsv } from './export.ts';
import { hostScript } from './host-script.ts';
import { serveKeys } from './key-routes.ts';
import { overviewOf } from './overview.ts';
import { asHtml } from './report.ts';
import { serveHostKeys, serveTargets, type TargetRouteParts } from './target-routes.ts';
import { asWaiver } from './waivers.ts';

export interface AuditRouteParts extends TargetRouteParts {
  /** Origin of the HTTPS door for a caller of this `Host`. */
  hubFor(host: string): string;
  /** SHA-256 of its key. */
  pin: () => string;
  /** Addresses that the appliance comes from, as a host sees them that reached it as `host`; empty where nobody knows. */
  comesFrom(host: string): string[];
}

/** Everything about audits: keys, targets, results, waivers, and hosts that register themselves. */
export function serveAudits(routes: Routes, parts: AuditRouteParts): void {
  serveKeys(routes, parts);
  serveTargets(routes, parts);
  serveHostKeys(routes, parts);
  serveResults(routes, parts);
  serveWaivers(routes, parts);
  serveJoins(routes, parts);
}

function serveResults(routes: Routes, { feature }: AuditRouteParts): void {
  const { targets, audits } = feature;

  routes.serve(startAudit, ({ session, params, body, note }) => {
    note({ detail: { kind: body.kind } });
    return audits.start(targets.need(session.siteId, params.targetId), body.kind, session.userName);
  });

  routes.serve(listAudits, async ({ session, query }) => {
    const all = await audits.list(session.siteId, query.targetId);
    // Newest first: the cursor is how far it is from the newest.
    const keyed = all.map((audit) => ({ audit, key: String(9e15 - audit.startedAt).padStart(16, '0') + audit.id }));
    const page = pageOf(
      sorted(keyed, ({ key }) => key),
      query,
      ({ key }) => key,
    );
    return { ...page, items: page.items.map(({ audit }) => audit) };
  });

  routes.serve(auditOverview, ({ session }) => overviewOf(session.siteId, feature));
  routes.serve(readAudit, ({ session, params }) => audits.detail(session.siteId, params.auditId));

  routes.serve(cancelAudit, async ({ session, params }) => {
    const { id } = await audits.need(session.siteId, params.auditId);
    audits.cancel(id, session.userName);
    return null;
  });

  routes.serve(compareAudits, async ({ session, params }) => {
    const after = await audits.need(session.siteId, params.auditId);
    const before = await audits.need(session.siteId, params.beforeId);
    if (before.targetId !== after.targetId) throw new Problem('invalid-request', 'These are audits of two targets');
    const [was, is] = [await audits.factsOf(before), await audits.factsOf(after)];
    const now = await audits.detail(session.siteId, after.id);
    return {
      ...{ before: asSummary(before), after: now.audit },
      ...findingsBetween(before, now),
      changes: was && is ? changesBetween(was, is) : [],
    };
  });

  const named = (id: string, kind: string): string => `attachment; filename="audit-${id}.${kind}"`;
  routes.serve(auditCsv, async ({ session, params, setHeader }) => {
    const detail = await audits.detail(session.siteId, params.auditId);
    setHeader('content-disposition', named(detail.audit.id, 'csv'));
    return asCsv(detail);
  });
  routes.serve(auditHtml, async ({ session, params, setHeader }) => {
    const detail = await audits.detail(session.siteId, params.auditId);
    setHeader('content-disposition', named(detail.audit.id, 'html'));
    return asHtml(detail);
  });
}

function serveWaivers(routes: Routes, { feature: { targets, waivers } }: AuditRouteParts): void {
  routes.serve(listWaivers, async ({ session, params, query }) => {
    const { id } = targets.need(session.siteId, params.targetId);
    const page = pageOf(await waivers.of(id), query, (each) => each.id);
    return { ...page, items: page.items.map((each) => asWaiver(each, titleOf(each.checkId))) };
  });

  routes.serve(addWaiver, async ({ session, params, body, note }) => {
    const target = targets.need(session.siteId, params.targetId);
    const record = await waivers.add(target, { ...body, by: session.userName });
    note({ detail: { waiverId: record.id }, after: body });
    return asWaiver(record, titleOf(record.checkId));
  });

  routes.serve(removeWaiver, async ({ session, params, note }) => {
    const { id, checkId, reason } = await waivers.need(session.siteId, params.waiverId);
    await waivers.remove(id);
    note({ before: { checkId, reason } });
    return null;
  });
}

function serveJoins(routes: Routes, { feature: { joins, keys }, hubFor, pin, comesFrom }: AuditRouteParts): void {
  routes.serve(makeAuditJoin, async ({ session, body, host, note }) => {
    const { id, name } = await keys.need(session.siteId, body.keyId);
    const { code, expiresAt } = joins.make(session.siteId, id, session.userName);
    note({ detail: { key: name } });
    const hub = hubFor(host);
    const command = `curl -fsSk --pinnedpubkey 'sha256//${pin()}' ${hub}/audit-host.sh | sudo REEVE_CODE=${code} sh`;
    return { command, expiresAt };
  });

  routes.serve(auditHostScript, ({ host }) => hostScript({ hub: hubFor(host), pin: pin() }));

  routes.serve(auditJoin, async ({ body, from, host, note }) => {
    const { publicKey, siteId, targetId, by } = await joins.redeem({ ...body, from });
    if (targetId !== undefined) note({ who: by, siteId, detail: { targetId, name: body.name } });
    return { publicKey, from: comesFrom(host).join(',') };
  });
}
