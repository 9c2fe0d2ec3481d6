import type { Alert } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { Hub } from '../hub.ts';
import { Outage, type OwnNetwork } from './outage.ts';
import { isSilent } from './reach.ts';

export interface NetworkWatchParts {
  hub: Hub;
  now: () => number;
  /** Every host of every site. */
  hosts(): readonly Host[];
  /** Asks the machine; only while some host is silent. */
  read(): Promise<OwnNetwork>;
}

const READ_MS = 10_000;
/** Until agents are back after a start, silence says nothing. */
const START_MS = 60_000;
const UNKNOWN: OwnNetwork = { links: 'unknown', gateway: 'unknown' };

/** Whether Reeve's own network is there, as each site sees it; told as a fact, so that a rule makes an alert of it. */
export class NetworkWatch {
  readonly #parts: NetworkWatchParts;
  readonly #outages = new Map<string, Outage>();
  readonly #from: number;
  /** The last two readings: a gateway is silent when it was so both times. */
  #own = UNKNOWN;
  #before = UNKNOWN;
  #readAt = Number.NEGATIVE_INFINITY;
  #isTold = false;

  constructor(parts: NetworkWatchParts) {
    this.#parts = parts;
    this.#from = parts.now() + START_MS;
  }

  /** Goes on with outages of the run before, known by the alerts that they kept quiet. */
  restore(alerts: readonly Alert[]): void {
    for (const { siteId, held } of alerts) {
      if (held?.by !== 'network' || this.#outages.has(siteId)) continue;
      const mine = alerts.filter((each) => each.siteId === siteId && each.held?.by === 'network');
      const reason = held.why.replace(/^[^:]*: /, '');
      this.#of(siteId).restore(
        reason,
        mine.flatMap(({ hostId }) => hostId ?? []),
      );
    }
  }

  of(siteId: string): { reason?: string; backAt?: number } {
    const { reason, backAt } = this.#outages.get(siteId) ?? {};
    return { ...(reason !== undefined && { reason }), ...(backAt !== undefined && { backAt }) };
  }

  isSuspected(siteId: string): boolean {
    return this.#outages.get(siteId)?.isSuspected ?? false;
  }

  /** To be called about once a second. */
  look(): void {
    const { now, hosts } = this.#parts;
    if (now() < this.#from) return;
    const bySite = new Map<string, Host[]>();
    for (const host of hosts()) {
      const mine = bySite.get(host.siteId);
      if (mine) mine.push(host);
      else bySite.set(host.siteId, [host]);
    }
    this.#readWhere([...bySite.values()].some((mine) => mine.some(isSilent)));
    const { links } = this.#own;
    const gateway = this.#own.gateway === this.#before.gateway ? this.#own.gateway : 'unknown';
    for (const [siteId, mine] of bySite) {
      const isNews = this.#of(siteId).look({ now: now(), own: { links, gateway }, hosts: mine });
      if (isNews || !this.#isTold) this.#tell(siteId);
    }
    this.#isTold = true; // Once at the start: what the run before told may be over.
  }

  #readWhere(isAsked: boolean): void {
    const at = this.#parts.now();
    if (!isAsked) {
      this.#own = UNKNOWN;
      this.#before = UNKNOWN;
      return;
    }
    if (at - this.#readAt < READ_MS && at >= this.#readAt) return;
    this.#readAt = at;
    this.#parts.read().then(
      (own) => {
        this.#before = this.#own;
        this.#own = own;
      },
      () => undefined, // What cannot be read is as it was: unknown.
    );
  }

  #tell(siteId: string): void {
    const reason = this.#outages.get(siteId)?.reason;
    this.#parts.hub.emit('fact', {
      ...{ siteId, kind: 'own-network', key: 'network', severity: 'critical', at: this.#parts.now() },
      state: reason === undefined ? 'ok' : 'wrong',
      text: reason === undefined ? 'Reeve’s own network is there' : `Reeve’s own network is away: ${reason}`,
    });
  }

  #of(siteId: string): Outage {
    const known = this.#outages.get(siteId);
    if (known) return known;
    const made = new Outage();
    this.#outages.set(siteId, made);
    return made;
  }
}
