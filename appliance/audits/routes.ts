// Over 250 lines because each route is joined here to what it calls: a list, read from top to bottom.

import type { ConnectionTest } from '../../protocol/routes/audits.ts';
import * as table from '../../protocol/routes/audits.ts';
import { pageOf, sorted } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import { asSummary, titleOf } from './audits.ts';
import { changesBetween, findingsBetween } from './compare.ts';
import { placeOf } from './connect.ts';
import type { TargetRecord } from './documents.ts';
import { asCsv, asHtml } from './export.ts';
import type { AuditFeature } from './feature.ts';
import { hostScript } from './host-script.ts';
import { asAuditKey } from './keys.ts';
import { overviewOf } from './overview.ts';
import { pushKey } from './push-key.ts';
import { asTarget, type TargetFields } from './targets.ts';
import { testConnection } from './try-connection.ts';
import { asWaiver } from './waivers.ts';

export interface AuditRouteParts {
  feature: AuditFeature;
  /** Fails with `not-found` where the session may not see the host. */
  hostNamed(session: Session, hostId: string): string;
  /** Origin of the HTTPS door for a caller of this `Host`. */
  hubFor(host: string): string;
  /** SHA-256 of its key. */
  pin: () => string;
  /** Addresses that the appliance comes from, as a host sees them that reached it as `host`; empty where nobody knows. */
  comesFrom(host: string): string[];
}

export function serveAudits(routes: Routes, parts: AuditRouteParts): void {
  serveKeys(routes, parts);
  serveTargets(routes, parts);
  serveHostKeys(routes, parts);
  serveResults(routes, parts);
  serveWaivers(routes, parts);
  serveJoins(routes, parts);
}

function serveKeys(routes: Routes, { feature: { keys, targets } }: AuditRouteParts): void {
  const uses = (siteId: string, keyId: string): number =>
    targets.of(siteId).filter((each) => each.keyId === keyId).length;

  routes.serve(table.listAuditKeys, async ({ session, query }) => {
    const page = pageOf(await keys.list(session.siteId), query, ({ id }) => id);
    return { ...page, items: page.items.map((key) => asAuditKey(key, uses(session.siteId, key.id))) };
  });

  routes.serve(table.addAuditKey, async ({ session, body, note }) => {
    const record = await keys.add(session.siteId, session.userName, body);
    note({ detail: { auditKeyId: record.id }, after: { name: record.name, type: record.type, sha256: record.sha256 } });
    return asAuditKey(record, 0);
  });

  routes.serve(table.removeAuditKey, async ({ session, params, note }) => {
    const { id, name, sha256 } = await keys.need(session.siteId, params.auditKeyId);
    const count = uses(session.siteId, id);
    if (count > 0) throw new Problem('conflict', `${count} targets sign in with this key: give them another one first`);
    await keys.remove(id);
    note({ before: { name, sha256 } });
    return null;
  });
}

function serveTargets(routes: Routes, { feature, hostNamed }: AuditRouteParts): void {
  const { targets, audits, keys } = feature;
  const shown = (target: TargetRecord) => {
    const last = audits.lastOf(target.id);
    return { ...asTarget(target), ...(last && { last }) };
  };

  routes.serve(table.listAuditTargets, ({ session, query }) => {
    const page = pageOf(targets.of(session.siteId), query, ({ id }) => id);
    return { ...page, items: page.items.map(shown) };
  });

  routes.serve(table.addAuditTarget, async ({ session, body, note }) => {
    const { siteId } = session;
    const hostName = body.hostId === undefined ? undefined : hostNamed(session, body.hostId);
    if (!('address' in body)) {
      const present = targets.of(siteId).find(({ via, hostId }) => via === 'agent' && hostId === body.hostId);
      if (present) throw new Problem('conflict', `${hostName} is audited by its agent already`);
      const target = await targets.add(siteId, { ...body, via: 'agent', name: `${hostName} (agent)`.slice(0, 64) });
      note({ detail: { targetId: target.id }, after: asTarget(target) });
      return shown(target);
    }
    if (body.keyId !== undefined) await keys.need(siteId, body.keyId);
    const { name = hostName ?? body.address, ...rest } = body;
    const target = await targets.add(siteId, {
      ...known(rest),
      via: 'ssh',
      name: name.slice(0, 64),
      schedule: rest.schedule,
    });
    note({ detail: { targetId: target.id }, after: asTarget(target) });
    return shown(target);
  });

  routes.serve(table.readAuditTarget, ({ session, params }) => shown(targets.need(session.siteId, params.targetId)));

  routes.serve(table.changeAuditTarget, async ({ session, params, body, note }) => {
    const before = targets.need(session.siteId, params.targetId);
    if (body.keyId !== undefined) await keys.need(session.siteId, body.keyId);
    const after = await targets.change(before.id, (target) => changed(target, body));
    note({ before: asTarget(before), after: asTarget(after) });
    return shown(after);
  });

  routes.serve(table.removeAuditTarget, async ({ session, params, note }) => {
    const target = targets.need(session.siteId, params.targetId);
    const behind = targets.of(session.siteId).filter(({ throughId }) => throughId === target.id);
    if (behind.length > 0) throw new Problem('conflict', `${behind[0]?.name} is reached through it: change that first`);
    await feature.removeTarget(target);
    note({ before: asTarget(target) });
    return null;
  });
}

const known = <T extends object>(fields: T): { [K in keyof T]-?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

type Change = Partial<Record<keyof TargetFields, unknown>> & object;

/** What is absent is taken away, but for name, address and user. Another place has another host key. */
function changed(target: TargetRecord, body: Change): TargetRecord {
  const { keyId: _, throughId: __, ...rest } = target;
  const next = { ...rest, ...known(body) } as TargetRecord;
  if (next.address === target.address && next.port === target.port) return next;
  const { pin: ___, pending: ____, ...unproven } = next;
  return unproven;
}

function serveHostKeys(routes: Routes, { feature }: AuditRouteParts): void {
  const { targets, keys } = feature;

  routes.serve(table.acceptHostKey, async ({ session, params, body, note }) => {
    const before = targets.need(session.siteId, params.targetId);
    const after = await targets.accept(before.id, body.sha256, session.userName);
    note({ before: { hostKey: before.pin?.sha256 }, after: { hostKey: after.pin?.sha256 } });
    const last = feature.audits.lastOf(after.id);
    return { ...asTarget(after), ...(last && { last }) };
  });

  routes.serve(table.testAuditTarget, ({ session, params, signal }) =>
    testConnection(targets.need(session.siteId, params.targetId), feature, { signal }),
  );

  routes.serve(table.testAuditTargets, async ({ session, signal }) => {
    const all = targets.of(session.siteId).filter(({ via }) => via === 'ssh');
    const items: ConnectionTest[] = [];
    for (let at = 0; at < all.length; at += 10)
      items.push(
        ...(await Promise.all(all.slice(at, at + 10).map((each) => testConnection(each, feature, { signal })))),
      );
    return { items };
  });

  routes.serve(table.pushAuditKey, async ({ session, params, body, signal, note }) => {
    const target = targets.need(session.siteId, params.targetId);
    if (target.keyId === undefined) throw new Problem('conflict', 'Choose the key of this target first');
    const { publicKey } = await keys.need(session.siteId, target.keyId);
    const { login: _, ...place } = await placeOf(target, feature);
    note({ detail: { targetId: target.id, keyId: target.keyId } });
    return testConnection(target, feature, {
      signal,
      before: () => pushKey(place, { password: body.password, publicKey, signal }),
    });
  });
}

function serveResults(routes: Routes, { feature }: AuditRouteParts): void {
  const { targets, audits } = feature;

  routes.serve(table.startAudit, ({ session, params, body, note }) => {
    note({ detail: { kind: body.kind } });
    return audits.start(targets.need(session.siteId, params.targetId), body.kind, session.userName);
  });

  routes.serve(table.listAudits, async ({ session, query }) => {
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

  routes.serve(table.auditOverview, ({ session }) => overviewOf(session.siteId, feature));
  routes.serve(table.readAudit, ({ session, params }) => audits.detail(session.siteId, params.auditId));

  routes.serve(table.cancelAudit, async ({ session, params }) => {
    const { id } = await audits.need(session.siteId, params.auditId);
    audits.cancel(id, session.userName);
    return null;
  });

  routes.serve(table.compareAudits, async ({ session, params }) => {
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
  routes.serve(table.auditCsv, async ({ session, params, setHeader }) => {
    const detail = await audits.detail(session.siteId, params.auditId);
    setHeader('content-disposition', named(detail.audit.id, 'csv'));
    return asCsv(detail);
  });
  routes.serve(table.auditHtml, async ({ session, params, setHeader }) => {
    const detail = await audits.detail(session.siteId, params.auditId);
    setHeader('content-disposition', named(detail.audit.id, 'html'));
    return asHtml(detail);
  });
}

function serveWaivers(routes: Routes, { feature: { targets, waivers } }: AuditRouteParts): void {
  routes.serve(table.listWaivers, async ({ session, params, query }) => {
    const { id } = targets.need(session.siteId, params.targetId);
    const page = pageOf(await waivers.of(id), query, (each) => each.id);
    return { ...page, items: page.items.map((each) => asWaiver(each, titleOf(each.checkId))) };
  });

  routes.serve(table.addWaiver, async ({ session, params, body, note }) => {
    const target = targets.need(session.siteId, params.targetId);
    const record = await waivers.add(target, { ...body, by: session.userName });
    note({ detail: { waiverId: record.id }, after: body });
    return asWaiver(record, titleOf(record.checkId));
  });

  routes.serve(table.removeWaiver, async ({ session, params, note }) => {
    const { id, checkId, reason } = await waivers.need(session.siteId, params.waiverId);
    await waivers.remove(id);
    note({ before: { checkId, reason } });
    return null;
  });
}

function serveJoins(routes: Routes, { feature: { joins, keys }, hubFor, pin, comesFrom }: AuditRouteParts): void {
  routes.serve(table.makeAuditJoin, async ({ session, body, host, note }) => {
    const { id, name } = await keys.need(session.siteId, body.keyId);
    const { code, expiresAt } = joins.make(session.siteId, id, session.userName);
    note({ detail: { key: name } });
    const hub = hubFor(host);
    const command = `curl -fsSk --pinnedpubkey 'sha256//${pin()}' ${hub}/audit-host.sh | sudo REEVE_CODE=${code} sh`;
    return { command, expiresAt };
  });

  routes.serve(table.auditHostScript, ({ host }) => hostScript({ hub: hubFor(host), pin: pin() }));

  routes.serve(table.auditJoin, async ({ body, from, host, note }) => {
    const { publicKey, siteId, targetId, by } = await joins.redeem({ ...body, from });
    if (targetId !== undefined) note({ who: by, siteId, detail: { targetId, name: body.name } });
    return { publicKey, from: comesFrom(host).join(',') };
  });
}
