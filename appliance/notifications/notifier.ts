import type { Alert } from '../../protocol/alerts.ts';
import type { NotificationSettings } from '../../protocol/settings/notifications.ts';
import type { Events, Hub } from '../hub.ts';
import type { Logger } from '../log.ts';
import type { Collection } from '../store/documents.ts';
import { categoryOf } from './category.ts';
import { ChannelError, type Receipt } from './channel.ts';
import { composed, isEnd, type Surroundings } from './compose.ts';
import type { ConfiguredChannels } from './configured.ts';
import type { RouteRecord } from './documents.ts';
import { escalationId, isDue, routesOfEnd } from './escalation.ts';
import { incidentMessage, type Told } from './incident.ts';
import { KnownFacts } from './known-facts.ts';
import type { Message } from './message.ts';
import type { Outbox } from './outbox.ts';
import { type Way, wayOf } from './routing.ts';

export interface NotifierParts {
  hub: Hub;
  log: Logger;
  now: () => number;
  outbox: Outbox;
  channels: ConfiguredChannels;
  routes: Collection<RouteRecord>;
  /** Words and times of a site. */
  surroundings(siteId: string): Surroundings;
  settings(siteId: string): NotificationSettings;
  tagsOf(hostId: string): readonly string[];
  /** Space of a file system in words, as it was then; of another alert nothing. */
  space(alert: Alert, at: number): Promise<string | undefined>;
  /** Alerts of every site that are not over. */
  openAlerts(): readonly Alert[];
}

const TEST_MS = 20_000;

type Telling = Events['telling'];

/** What goes to one channel at one time. */
interface Parcel {
  channelId: string;
  gatherAt: number | undefined;
  items: Told[];
}

/** Hears what people are to be told, decides who and when, and puts it into the outbox. */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #facts: KnownFacts;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    this.#facts = new KnownFacts(parts.hub);
    // The hub logs what fails; it is told anew until it was taken.
    parts.hub.on('telling', (telling) => this.tell(telling));
  }

  /** Puts transitions on their way, as one message to each channel; durable when it resolves. What a channel has had is left out. */
  async tell({ siteId, incidentId, items }: Telling): Promise<void> {
    const { outbox, hub, log } = this.#parts;
    const surroundings = this.#parts.surroundings(siteId);
    const known = items.map((item) => ({ ...item, ...this.#facts.of(item.alert) })); // Now: while something is read it may change.
    const routes = await this.#parts.routes.find({ siteId });
    const parcels = new Map<string, Parcel>();
    const told: Events['told']['items'][number][] = [];
    for (const item of known) {
      const { alert, transition } = item;
      const way = this.#wayOf(alert, isEnd(transition), this.#routesFor(item, routes));
      const isNobody = way.channelIds.length === 0;
      told.push({ alertId: alert.id, n: transition.n, ...(isNobody && { why: way.held ?? 'nobody is to be told' }) });
      if (way.held) log.info({ alertId: alert.id, n: transition.n, held: way.held }, 'a notification was held back');
      for (const channelId of way.channelIds) {
        if (outbox.knows(nameOf(item), channelId)) continue;
        const key = `${channelId} ${way.digestAt}`;
        const parcel = parcels.get(key) ?? { channelId, gatherAt: way.digestAt, items: [] };
        parcel.items.push(item);
        parcels.set(key, parcel);
      }
    }
    for (const { channelId, gatherAt, items } of parcels.values()) {
      const [first, ...more] = items;
      if (!first) continue;
      const space = more.length === 0 ? await this.#parts.space(first.alert, first.transition.at) : undefined;
      const message = incidentMessage([{ ...first, space }, ...more], surroundings, incidentId);
      await outbox.add(siteId, message, { channelIds: [channelId], gatherAt, covers: items.map(nameOf) });
    }
    hub.emit('told', { siteId, incidentId, items: told });
    outbox.work();
  }

  /** Tells those who are to know of alerts that nobody has answered; to be called every few seconds. */
  async escalate(): Promise<void> {
    const { outbox, now } = this.#parts;
    const bySite = new Map<string, RouteRecord[]>();
    for (const alert of this.#parts.openAlerts()) {
      if (alert.toldAt === undefined || alert.status !== 'open') continue;
      const routes = bySite.get(alert.siteId) ?? (await this.#parts.routes.find({ siteId: alert.siteId }));
      bySite.set(alert.siteId, routes);
      for (const route of routes) if (isDue(alert, route, now())) await this.#escalateBy(alert, route);
    }
    outbox.work();
  }

  async #escalateBy(alert: Alert, route: RouteRecord): Promise<void> {
    const { outbox, surroundings } = this.#parts;
    const transition = alert.transitions.findLast(({ isTold, kind }) => isTold && kind !== 'resolved');
    if (!transition) return;
    const id = escalationId(alert, route);
    const known = this.#facts.of(alert);
    const { channelIds, digestAt } = this.#wayOf(alert, false, [route]);
    const fresh = channelIds.filter((channelId) => !outbox.knows(id, channelId));
    if (fresh.length === 0) return;
    const space = await this.#parts.space(alert, transition.at);
    const message = composed({ alert, transition, ...known, space }, surroundings(alert.siteId));
    const text = `Nobody has answered for ${route.afterMinutes} min. ${message.text}`;
    await outbox.add(alert.siteId, { ...message, id, text }, { channelIds: fresh, gatherAt: digestAt });
  }

  /** At once those without a delay; of an end also those that were told because of it. */
  #routesFor({ alert, transition }: Told, routes: readonly RouteRecord[]): readonly RouteRecord[] | undefined {
    if (routes.length === 0) return undefined;
    const { outbox } = this.#parts;
    const hasEscalated = (route: RouteRecord): boolean =>
      route.channelIds.some((channelId) => outbox.knows(escalationId(alert, route), channelId));
    return routesOfEnd(routes, (route) => isEnd(transition) && hasEscalated(route));
  }

  #wayOf(alert: Alert, isOver: boolean, routes: readonly RouteRecord[] | undefined): Way {
    const { siteId, severity, hostId } = alert;
    const tags = hostId === undefined ? [] : this.#parts.tagsOf(hostId);
    const routed = { severity, category: categoryOf(alert), tags, isEnd: isOver };
    if (routes?.length === 0) return { channelIds: [], held: 'every route waits for an answer first' };
    return wayOf(routed, {
      now: this.#parts.now(),
      timeZone: this.#parts.surroundings(siteId).timeZone,
      settings: this.#parts.settings(siteId),
      routes: routes ?? [],
      channelIds: this.#parts.channels.enabled(siteId),
    });
  }

  /** Sends a test message now, past routes and outbox. */
  async test(
    siteId: string,
    channelId: string,
    signal: AbortSignal,
  ): Promise<Receipt & { hasArrived: boolean; tookMs: number }> {
    const { now, channels } = this.#parts;
    const message = testMessage(this.#parts.surroundings(siteId), now());
    const startedAt = performance.now();
    const took = (): number => Math.round(performance.now() - startedAt);
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TEST_MS)]);
      const { answer } = await channels.opened(channelId).send(message, limit);
      return { hasArrived: true, answer, tookMs: took() };
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return { hasArrived: false, answer: error.message, tookMs: took() };
    }
  }
}

const nameOf = ({ alert, transition }: Told): string => `${alert.id}.${transition.n}`;

function testMessage({ site, timeZone, url }: Surroundings, at: number): Message {
  return {
    id: `test.${at}`,
    state: 'info',
    severity: 'low',
    site,
    title: 'test message from Reeve',
    text: 'Somebody pressed "Send test". When you read this, the channel works.',
    at,
    timeZone,
    facts: [],
    causes: [],
    link: url,
  };
}
