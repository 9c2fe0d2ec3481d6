import { editHost, listHosts, readHost, removeHost, settleHost } from '../../protocol/routes/hosts.ts';
import type { Hub } from '../hub.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { Inventory } from './inventory.ts';

export interface HostRouteParts {
  inventory: Inventory;
  hub: Hub;
  now: () => number;
  /** Takes the right to connect from the host's agents and forgets their keys. */
  removeAgents(hostId: string): Promise<void>;
  /** Gives the agents of one host to another. */
  moveAgents(fromHostId: string, toHostId: string): Promise<void>;
  /** Whether the appliance watches its own machine; its host would come back without its agent. */
  watchesItself: boolean;
  /** Takes a host's history away. */
  forget(hostId: string): Promise<void>;
}

export function serveHosts(routes: Routes, parts: HostRouteParts): void {
  const { inventory, hub, now } = parts;
  const note = (
    { session, from }: { session: Session; from: string },
    what: string,
    detail: Record<string, unknown>,
  ): void => hub.emit('audit', { at: now(), siteId: session.siteId, who: session.userName, from, what, detail });

  routes.serve(listHosts, ({ session }) => inventory.hostsOf(session));
  routes.serve(readHost, ({ session, params }) => inventory.visible(session, params.hostId));

  routes.serve(editHost, async ({ session, params, body, from }) => {
    inventory.visible(session, params.hostId);
    const { rev, ...given } = body;
    const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const host = await inventory.edit(params.hostId, rev, change);
    note({ session, from }, 'host.changed', { hostId: host.id, ...change });
    return host;
  });

  routes.serve(removeHost, async ({ session, params, from }) => {
    const host = inventory.visible(session, params.hostId);
    if (host.isAppliance && parts.watchesItself) {
      throw new Problem(
        'own-machine',
        'This is the machine that Reeve itself runs on. To remove it, start Reeve with REEVE_SELF_AGENT=off first',
      );
    }
    await parts.removeAgents(host.id);
    await inventory.remove(host.id);
    await parts.forget(host.id);
    note({ session, from }, 'host.removed', { hostId: host.id, name: host.name });
    return null;
  });

  routes.serve(settleHost, async ({ session, params, body, from }) => {
    const host = inventory.visible(session, params.hostId);
    if (!host.sameAs) throw new Problem('invalid-request', 'Nobody asked whether this host is another one');
    note({ session, from }, 'host.settled', { hostId: host.id, sameAs: host.sameAs, same: body.same });
    if (!body.same) return inventory.settle(host.id);
    const known = inventory.visible(session, host.sameAs);
    await parts.moveAgents(host.id, known.id);
    await inventory.remove(host.id);
    await parts.forget(host.id);
    return inventory.visible(session, known.id);
  });
}
