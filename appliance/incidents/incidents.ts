import type { Alert, Hold, Transition } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { Hub } from '../hub.ts';
import { Gatherer, isEnd, type Telling, type Told } from './gather.ts';
import { holdOf, isSameHold } from './holds.ts';
import type { NetworkWatch } from './network-watch.ts';
import type { Quiet } from './quiet.ts';
import { above, isAboutReach } from './reach.ts';

/** What incidents ask of the alerts, and have put on record there. */
export interface AlertDesk {
  open(): readonly Alert[];
  untold(): readonly Told[];
  told(alertId: string, ns: readonly number[], how: { at: number; incidentId: string; why?: string }): void;
  keepQuiet(alertId: string, ns: readonly number[], how: { whyNot: string; hold?: Hold | undefined }): void;
  hold(alertId: string, hold: Hold): void;
  release(alertId: string): void;
}

export interface IncidentParts {
  hub: Hub;
  now: () => number;
  quiet: Quiet;
  network: NetworkWatch;
  hostOf(id: string): Host | undefined;
  timeText(siteId: string, at: number): string;
}

/** Agents come back so soon to an appliance that has started. */
const START_MS = 90_000;
/** What was not taken by then is told once more; who took it knows it by its number. */
const AGAIN_MS = 30_000;

interface Flying extends Telling {
  at: number;
}

/** Stands between alerts and who is told: keeps quiet what has its cause elsewhere or was asked to be quiet, and gathers the rest. */
export class Incidents {
  readonly #parts: IncidentParts;
  readonly #knownFrom: number;
  readonly #gatherers = new Map<string, Gatherer>();
  /** Tellings that nobody has confirmed yet. */
  readonly #flying = new Set<Flying>();
  #desk: AlertDesk | undefined;

  /** Listens from here on: what alerts say while they are opened is not missed. */
  constructor(parts: IncidentParts) {
    this.#parts = parts;
    this.#knownFrom = parts.now() + START_MS;
    parts.hub.on('alert', ({ alert, transition }) =>
      transition.isTold ? this.#take({ alert, transition }) : undefined,
    );
    parts.hub.on('told', ({ items, incidentId }) => this.#landed(items, incidentId));
  }

  /** Goes on where the run before ended. */
  begin(desk: AlertDesk): void {
    this.#desk = desk;
    this.#parts.network.restore(desk.open());
    const waiting = new Set([...this.#gatherers.values()].flatMap((each) => each.queued().map(nameOf)));
    for (const flying of this.#flying) for (const item of flying.items) waiting.add(nameOf(item));
    for (const item of desk.untold()) if (!waiting.has(nameOf(item))) this.#take(item);
  }

  /** What keeps an alert quiet now. */
  holdOf(alert: Alert): Hold | undefined {
    const { now, quiet, network, hostOf, timeText } = this.#parts;
    const at = now();
    return holdOf(alert, {
      now: at,
      knownFrom: this.#knownFrom,
      hostOf,
      outageOf: (siteId) => network.of(siteId),
      quietOf: (of, tags) => quiet.of(of, tags, at),
      timeText,
    });
  }

  /** To be called about once a second. */
  tick(): void {
    const desk = this.#desk;
    if (!desk) return;
    const { now, network } = this.#parts;
    const open = desk.open();
    network.look(new Set(open.filter(isAboutReach).flatMap(({ hostId }) => hostId ?? [])));
    for (const alert of open) if (alert.held) this.#lookAt(alert, desk);
    for (const gatherer of this.#gatherers.values()) {
      this.#holdQueued(gatherer, desk);
      for (const telling of gatherer.tick(now(), { isUnsure: ({ alert }) => this.#isUnsure(alert) }))
        this.#send(telling);
    }
    for (const flying of this.#flying) if (now() - flying.at >= AGAIN_MS) this.#emit(flying);
  }

  /** That a machine is away may have its cause elsewhere, which a fast rule does not wait for: the own network, or a host above that has not reported since. */
  #isUnsure(alert: Alert): boolean {
    const { network, hostOf } = this.#parts;
    const host = alert.hostId === undefined || !isAboutReach(alert) ? undefined : hostOf(alert.hostId);
    if (!host || host.isAppliance) return false;
    const { lastSeenAt: since = 0 } = host;
    const hasNotReported = ({ kind, lastSeenAt = 0, status }: Host): boolean =>
      kind === 'agent' && status === 'online' && lastSeenAt <= since;
    return (
      network.isSuspected(host.siteId) || !network.hasAnswered(host.id) || above(host, hostOf).some(hasNotReported)
    );
  }

  #lookAt(alert: Alert, desk: AlertDesk): void {
    const hold = this.holdOf(alert);
    if (!hold) desk.release(alert.id);
    else if (alert.held && !isSameHold(hold, alert.held)) desk.hold(alert.id, hold);
  }

  /** What was learnt while it waited: its cause is elsewhere after all. What is asked to be quiet from now on came before that. */
  #holdQueued(gatherer: Gatherer, desk: AlertDesk): void {
    for (const { alert, transition } of gatherer.queued()) {
      const hold = isEnd(transition) ? undefined : this.holdOf(alert);
      if (hold?.by !== 'network' && hold?.by !== 'parent') continue;
      gatherer.drop((each) => each.transition === transition);
      desk.keepQuiet(alert.id, [transition.n], { whyNot: hold.why, hold });
    }
  }

  #take(item: Told): void {
    const { alert, transition } = item;
    const gatherer = this.#gatherers.get(alert.siteId) ?? new Gatherer();
    this.#gatherers.set(alert.siteId, gatherer);
    if (isEnd(transition) && isAboutReach(alert) && this.#isBackUntold(gatherer, item)) return;
    for (const telling of gatherer.take(item, this.#parts.now())) this.#send(telling);
  }

  /** A machine that is back before anybody was told that it was gone: nobody is. */
  #isBackUntold(gatherer: Gatherer, { alert, transition }: Told): boolean {
    const gone = gatherer.drop((each) => each.alert.id === alert.id);
    if (gone.length === 0) return false;
    const ns = gone.map((each) => each.transition.n);
    const wasTold = alert.toldAt !== undefined || this.#isFlying(alert.id);
    const whyNot = 'it was over before anybody was told';
    this.#desk?.keepQuiet(alert.id, wasTold ? ns : [...ns, transition.n], { whyNot });
    return !wasTold;
  }

  #isFlying(alertId: string): boolean {
    return [...this.#flying].some(({ items }) => items.some(({ alert }) => alert.id === alertId));
  }

  #send(telling: Telling): void {
    const flying = { ...telling, at: this.#parts.now() };
    this.#flying.add(flying);
    this.#emit(flying);
  }

  #emit(flying: Flying): void {
    flying.at = this.#parts.now();
    const { incidentId, items } = flying;
    const [first] = items;
    if (first) this.#parts.hub.emit('telling', { siteId: first.alert.siteId, incidentId, items });
  }

  #landed(items: readonly { alertId: string; n: number; why?: string }[], incidentId: string): void {
    const at = this.#parts.now();
    for (const { alertId, n, why } of items)
      this.#desk?.told(alertId, [n], { at, incidentId, ...(why !== undefined && { why }) });
    const landed = new Set(items.map(({ alertId, n }) => `${alertId}.${n}`));
    for (const flying of this.#flying) {
      const left = flying.items.filter((item) => !landed.has(nameOf(item)));
      if (left.length === flying.items.length) continue;
      this.#flying.delete(flying);
      if (left.length > 0) this.#flying.add({ ...flying, items: left });
    }
  }
}

const nameOf = ({ alert, transition }: { alert: Alert; transition: Transition }): string =>
  `${alert.id}.${transition.n}`;
