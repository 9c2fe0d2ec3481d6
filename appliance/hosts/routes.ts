import type { Host } from '../../protocol/hosts.ts';
import {
  addHost,
  editHost,
  editHosts,
  hostForm,
  hostRemoval,
  listHosts,
  readHost,
  removeHost,
  removeHosts,
  settleHost,
} from '../../protocol/routes/hosts.ts';
import { pageOf, sorted } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import { formsFor } from './forms.ts';
import { belongingsOf, type RemovalParts, removeWithAll } from './removal.ts';
import { editSeveral, problemOf } from './several.ts';

export interface HostRouteParts extends RemovalParts {
  /** Gives the agents of one host to another. */
  moveAgents(fromHostId: string, toHostId: string): Promise<void>;
}

const idOf = ({ id }: Host): string => id;

export function serveHosts(routes: Routes, parts: HostRouteParts): void {
  const { inventory } = parts;

  routes.serve(listHosts, ({ session, query }) => pageOf(sorted(inventory.hostsOf(session), idOf), query, idOf));
  routes.serve(hostForm, ({ session, query }) => formsFor(query.kind, inventory.hostsOf(session)));
  routes.serve(readHost, ({ session, params, setHeader }) => {
    const host = inventory.visible(session, params.hostId);
    setHeader('etag', `"${host.rev}"`);
    return host;
  });

  routes.serve(addHost, async ({ session, body, note }) => {
    const host = await inventory.add({ ...body, siteId: session.siteId });
    note({ detail: { hostId: host.id }, after: body });
    return host;
  });

  routes.serve(editHost, async ({ session, params, body, note }) => {
    const before = inventory.visible(session, params.hostId);
    const { rev, ...given } = body;
    const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const host = await inventory.edit(params.hostId, rev, change);
    const was = Object.fromEntries(Object.keys(change).map((name) => [name, before[name as keyof typeof before]]));
    note({ detail: { name: host.name }, before: was, after: change });
    return host;
  });

  routes.serve(settleHost, async ({ session, params, body, note }) => {
    const host = inventory.visible(session, params.hostId);
    if (!host.sameAs) throw new Problem('invalid-request', 'Nobody asked whether this host is another one');
    note({ detail: { sameAs: host.sameAs, same: body.same } });
    if (!body.same) return inventory.settle(host.id);
    const known = inventory.visible(session, host.sameAs);
    await parts.moveAgents(host.id, known.id);
    await inventory.remove(host.id);
    await parts.forget(host.id);
    return inventory.visible(session, known.id);
  });

  routes.serve(editHosts, async ({ session, body, note }) => {
    const done = await editSeveral(inventory, session, body);
    const changed = done.items.flatMap(({ host }) => (host ? [host.name] : []));
    note({ detail: { hosts: changed, failed: done.failed }, after: body.change });
    return done;
  });

  serveRemoval(routes, parts);
}

function serveRemoval(routes: Routes, parts: HostRouteParts): void {
  const { inventory } = parts;

  routes.serve(hostRemoval, ({ session, query }) => ({
    items: query.ids.map((id) => belongingsOf(inventory.visible(session, id), parts)),
  }));

  routes.serve(removeHost, async ({ session, params, note }) => {
    const host = inventory.visible(session, params.hostId);
    await removeWithAll(host, parts);
    note({ detail: { name: host.name } });
    return null;
  });

  routes.serve(removeHosts, async ({ session, query, note }) => {
    const items: { id: string; problem?: ReturnType<typeof problemOf> }[] = [];
    const names: string[] = [];
    for (const id of new Set(query.ids)) {
      try {
        const host = inventory.visible(session, id);
        await removeWithAll(host, parts);
        items.push({ id });
        names.push(host.name);
      } catch (error) {
        items.push({ id, problem: problemOf(error) });
      }
    }
    note({ detail: { names } });
    return { items, removed: names.length, failed: items.length - names.length };
  });
}
