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
/** Two readings in a row, begun after a host was missed, say how the gateway is; a reading that never ends is not waited for. */
const READINGS = 2;
const ANSWER_MS = 25_000;
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
  /** Readings that were begun, and the last one that ended. */
  #begun = 0;
  #ended = 0;
  /** Hosts of which nothing is heard: since when, and how many readings had been begun then. */
  readonly #missed = new Map<string, { at: number; begun: number }>();

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

  /** Whether it is known by now if the own network is the reason why nothing is heard of a host. */
  hasAnswered(hostId: string): boolean {
    const missed = this.#missed.get(hostId);
    if (!missed) return false;
    return this.#ended >= missed.begun + READINGS || this.#parts.now() - missed.at >= ANSWER_MS;
  }

  /**
   * To be called about once a second. `away` are hosts that a rule calls away: rules may be faster than the status, which waits for 2.5
   * intervals.
   */
  look(away: ReadonlySet<string>): void {
    const { now, hosts } = this.#parts;
    if (now() < this.#from) return;
    const isAway = (host: Host): boolean => isSilent(host) || away.has(host.id);
    this.#miss(hosts().filter(isAway), away);
    const bySite = new Map<string, Host[]>();
    for (const host of hosts()) {
      const mine = bySite.get(host.siteId);
      if (mine) mine.push(host);
      else bySite.set(host.siteId, [host]);
    }
    this.#readWhere([...bySite.values()].some((mine) => mine.some(isAway)));
    const { links } = this.#own;
    const gateway = this.#own.gateway === this.#before.gateway ? this.#own.gateway : 'unknown';
    for (const [siteId, mine] of bySite) {
      const isNews = this.#of(siteId).look({ now: now(), own: { links, gateway }, hosts: mine, isAway });
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
    const mine = ++this.#begun;
    this.#parts
      .read()
      .then(
        (own) => {
          this.#before = this.#own;
          this.#own = own;
        },
        () => undefined, // What cannot be read is as it was: unknown.
      )
      .finally(() => {
        this.#ended = mine;
      });
  }

  /** Remembers since when hosts are missed. One that is gone altogether, of which an alert is still open, is missed too. */
  #miss(hosts: readonly Host[], away: ReadonlySet<string>): void {
    const missed = new Set([...hosts.map(({ id }) => id), ...away]);
    for (const id of this.#missed.keys()) if (!missed.has(id)) this.#missed.delete(id);
    const since = { at: this.#parts.now(), begun: this.#begun };
    for (const id of missed) if (!this.#missed.has(id)) this.#missed.set(id, since);
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
