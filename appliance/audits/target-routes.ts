import {
  acceptHostKey,
  addAuditTarget,
  type ConnectionTest,
  changeAuditTarget,
  listAuditTargets,
  pushAuditKey,
  readAuditTarget,
  removeAuditTarget,
  testAuditTarget,
  testAuditTargets,
} from '../../protocol/routes/audit-targets.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import { placeOf } from './connect.ts';
import type { TargetRecord } from './documents.ts';
import type { AuditFeature } from './feature.ts';
import { pushKey } from './push-key.ts';
import { asTarget, type TargetFields } from './targets.ts';
import { testConnection } from './try-connection.ts';

export interface TargetRouteParts {
  feature: AuditFeature;
  /** Fails with `not-found` where the session may not see the host. */
  hostNamed(session: Session, hostId: string): string;
}

/** What is audited, and how it is reached. */
export function serveTargets(routes: Routes, { feature, hostNamed }: TargetRouteParts): void {
  const { targets, audits, keys } = feature;
  const shown = (target: TargetRecord) => {
    const last = audits.lastOf(target.id);
    return { ...asTarget(target), ...(last && { last }) };
  };

  routes.serve(listAuditTargets, ({ session, query }) => {
    const page = pageOf(targets.of(session.siteId), query, ({ id }) => id);
    return { ...page, items: page.items.map(shown) };
  });

  routes.serve(addAuditTarget, async ({ session, body, note }) => {
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

  routes.serve(readAuditTarget, ({ session, params }) => shown(targets.need(session.siteId, params.targetId)));

  routes.serve(changeAuditTarget, async ({ session, params, body, note }) => {
    const before = targets.need(session.siteId, params.targetId);
    if (body.keyId !== undefined) await keys.need(session.siteId, body.keyId);
    const after = await targets.change(before.id, (target) => changed(target, body));
    note({ before: asTarget(before), after: asTarget(after) });
    return shown(after);
  });

  routes.serve(removeAuditTarget, async ({ session, params, note }) => {
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

/** Whose host key is accepted, and whether one can sign in. */
export function serveHostKeys(routes: Routes, { feature }: Pick<TargetRouteParts, 'feature'>): void {
  const { targets, keys } = feature;

  routes.serve(acceptHostKey, async ({ session, params, body, note }) => {
    const before = targets.need(session.siteId, params.targetId);
    const after = await targets.accept(before.id, body.sha256, session.userName);
    note({ before: { hostKey: before.pin?.sha256 }, after: { hostKey: after.pin?.sha256 } });
    const last = feature.audits.lastOf(after.id);
    return { ...asTarget(after), ...(last && { last }) };
  });

  routes.serve(testAuditTarget, ({ session, params, signal }) =>
    testConnection(targets.need(session.siteId, params.targetId), feature, { signal }),
  );

  routes.serve(testAuditTargets, async ({ session, signal }) => {
    const all = targets.of(session.siteId).filter(({ via }) => via === 'ssh');
    const items: ConnectionTest[] = [];
    for (let at = 0; at < all.length; at += 10)
      items.push(
        ...(await Promise.all(all.slice(at, at + 10).map((each) => testConnection(each, feature, { signal })))),
      );
    return { items };
  });

  routes.serve(pushAuditKey, async ({ session, params, body, signal, note }) => {
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
