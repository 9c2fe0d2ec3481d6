import type { Alert } from '../../protocol/alerts.ts';
import type { FactEvent, Hub } from '../hub.ts';

/** What a fact says beyond being so: the action that waits or was done, and what is behind it. */
export type FactDetail = Pick<FactEvent, 'action' | 'causes'>;

const MOST = 5_000;
const keyOf = (where: string, kind: string, key: string): string => JSON.stringify([where, kind, key]);

/** The last detail of each fact, for messages of alerts about it; whoever emits facts tells them anew after a restart. */
export class KnownFacts {
  readonly #known = new Map<string, FactDetail>();

  constructor(hub: Hub) {
    hub.on('fact', ({ siteId, hostId, kind, key, action, causes }) => {
      const id = keyOf(hostId ?? siteId, kind, key);
      this.#known.delete(id);
      if (action === undefined && causes === undefined) return;
      this.#known.set(id, { ...(action !== undefined && { action }), ...(causes !== undefined && { causes }) });
      for (const oldest of this.#known.keys()) {
        if (this.#known.size <= MOST) return;
        this.#known.delete(oldest);
      }
    });
    hub.on('host', ({ before, after }) => {
      if (!before || after) return;
      for (const id of this.#known.keys()) if (id.includes(before.id)) this.#known.delete(id);
    });
  }

  of({ siteId, hostId, fact }: Pick<Alert, 'siteId' | 'hostId' | 'fact'>): FactDetail {
    return (fact && this.#known.get(keyOf(hostId ?? siteId, fact.kind, fact.key))) ?? {};
  }
}
