import { addAuditKey, listAuditKeys, removeAuditKey } from '../../protocol/routes/audit-keys.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { AuditFeature } from './feature.ts';
import { asAuditKey } from './keys.ts';

/** The keys that audits sign in with. */
export function serveKeys(routes: Routes, { feature: { keys, targets } }: { feature: AuditFeature }): void {
  const uses = (siteId: string, keyId: string): number =>
    targets.of(siteId).filter((each) => each.keyId === keyId).length;

  routes.serve(listAuditKeys, async ({ session, query }) => {
    const page = pageOf(await keys.list(session.siteId), query, ({ id }) => id);
    return { ...page, items: page.items.map((key) => asAuditKey(key, uses(session.siteId, key.id))) };
  });

  routes.serve(addAuditKey, async ({ session, body, note }) => {
    const record = await keys.add(session.siteId, session.userName, body);
    note({ detail: { auditKeyId: record.id }, after: { name: record.name, type: record.type, sha256: record.sha256 } });
    return asAuditKey(record, 0);
  });

  routes.serve(removeAuditKey, async ({ session, params, note }) => {
    const { id, name, sha256 } = await keys.need(session.siteId, params.auditKeyId);
    const count = uses(session.siteId, id);
    if (count > 0)
      throw new Problem(
        'conflict',
        `${count === 1 ? '1 target signs' : `${count} targets sign`} in with this key: choose another one there first`,
      );
    await keys.remove(id);
    note({ before: { name, sha256 } });
    return null;
  });
}
