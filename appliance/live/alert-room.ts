import type { Alert, Transition } from '../../protocol/alerts.ts';
import type { AlertHead, AlertNews, AlertsState } from '../../protocol/live.ts';
import type { Hub } from '../hub.ts';
import type { LiveNamespace } from './namespace.ts';

/** Newest first; what is read is cut to so many by whoever hands it in. */
export interface SiteAlerts {
  active(siteId: string): Promise<readonly Alert[]>;
  recent(siteId: string): Promise<readonly Alert[]>;
}

const roomOf = (siteId: string): string => `alerts:${siteId}`;

/** Tells the dashboards of a site what happens to its alerts, without the values behind it: those are for who opens one. */
export class AlertRoom {
  readonly #namespace: LiveNamespace;
  readonly #alerts: SiteAlerts;
  /** Sites whose pending list is another than was told. */
  readonly #pending = new Set<string>();
  /** Sites whose messages are in another state than was told. */
  readonly #deliveries = new Set<string>();

  constructor({ namespace, hub, alerts }: { namespace: LiveNamespace; hub: Hub; alerts: SiteAlerts }) {
    this.#namespace = namespace;
    this.#alerts = alerts;
    hub.on('alert', ({ alert, transition }) => {
      namespace.to(roomOf(alert.siteId)).emit('alert', { alert: headOf(alert), news: newsOf(transition) });
    });
    hub.on('pending', ({ siteId }) => void this.#pending.add(siteId));
    hub.on('deliveries', ({ siteId }) => void this.#deliveries.add(siteId));
  }

  /** Lets a socket hear of the alerts of a site, and answers with how they are. */
  async join(socket: { join(room: string): unknown }, siteId: string, at: number): Promise<AlertsState> {
    // First: what happens while the book is read comes as an event, and is newer than the answer.
    await socket.join(roomOf(siteId));
    const [active, recent] = await Promise.all([this.#alerts.active(siteId), this.#alerts.recent(siteId)]);
    return { at, active: active.map(headOf), recent: recent.map(headOf) };
  }

  /** Says where a list that dashboards read is another: of pending ones, of messages. To be called about once a second. */
  tellLists(): void {
    for (const siteId of this.#pending) this.#namespace.to(roomOf(siteId)).emit('pending');
    for (const siteId of this.#deliveries) this.#namespace.to(roomOf(siteId)).emit('deliveries');
    this.#pending.clear();
    this.#deliveries.clear();
  }
}

function headOf({ transitions: _, ...head }: Alert): AlertHead {
  return head;
}

function newsOf({ samples: _, ...news }: Transition): AlertNews {
  return news;
}
