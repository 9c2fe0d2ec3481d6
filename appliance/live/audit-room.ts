import type { AuditSummary } from '../../protocol/audits.ts';
import type { AuditsState } from '../../protocol/live.ts';
import type { Hub } from '../hub.ts';
import type { LiveNamespace } from './namespace.ts';

export interface SiteAudits {
  running(siteId: string): AuditSummary[];
}

const roomOf = (siteId: string): string => `audits:${siteId}`;

/** Tells the dashboards of a site that ask for it how far its audits are. */
export class AuditRoom {
  readonly #audits: SiteAudits;

  constructor({ namespace, hub, audits }: { namespace: LiveNamespace; hub: Hub; audits: SiteAudits }) {
    this.#audits = audits;
    hub.on('auditing', ({ siteId, audit }) => void namespace.to(roomOf(siteId)).emit('audit', audit));
  }

  /** Lets a socket hear of the audits of a site, and answers with those that run. */
  async join(socket: { join(room: string): unknown }, siteId: string, at: number): Promise<AuditsState> {
    // First: what happens from then on comes as an event.
    await socket.join(roomOf(siteId));
    return { at, running: this.#audits.running(siteId) };
  }
}
