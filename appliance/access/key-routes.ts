import { type ApiKey, createKey, editKey, listKeys, removeKey } from '../../protocol/routes/keys.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import { mayDo } from '../session.ts';
import type { Access } from './access.ts';
import type { KeyRecord } from './documents.ts';

const DAY_MS = 86_400_000;

export interface KeyRouteParts {
  access: Access;
  now: () => number;
}

export function serveKeys(routes: Routes, { access, now }: KeyRouteParts): void {
  const { keys, users } = access;
  const describe = ({ hash: _, siteId: __, userId, ...key }: KeyRecord): ApiKey => ({
    ...key,
    createdBy: users.get(userId)?.userName ?? '',
  });

  routes.serve(listKeys, ({ session, query }) => {
    const page = pageOf(keys.list(session.siteId), query, ({ id }) => id);
    return { ...page, items: page.items.map(describe) };
  });

  routes.serve(createKey, async ({ session, body, note }) => {
    const { name, role, validDays } = body;
    if (!mayDo(session, role))
      throw new Problem('invalid-request', 'A key may do at most what you may', [
        { path: 'body.role', message: `choose ${session.role} or less` },
      ]);
    const expiry = validDays !== undefined && { expiresAt: now() + validDays * DAY_MS };
    const { siteId, userId } = session;
    const { record, text } = await keys.add({ siteId, userId, name, role, ...expiry }, now());
    note({ detail: { keyId: record.id }, after: { name, role, ...expiry } });
    return { ...describe(record), key: text };
  });

  routes.serve(editKey, async ({ session, params, body, note }) => {
    const { name } = keys.need(session.siteId, params.keyId);
    const record = await keys.rename(session.siteId, params.keyId, { name: body.name, ifRev: body.rev });
    note({ before: { name }, after: { name: body.name } });
    return describe(record);
  });

  routes.serve(removeKey, async ({ session, params, note }) => {
    const { id, name, role } = keys.need(session.siteId, params.keyId);
    await keys.remove(id);
    note({ before: { name, role } });
    return null;
  });
}
