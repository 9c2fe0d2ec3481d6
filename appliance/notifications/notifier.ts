import type { Alert, Transition } from '../../protocol/alerts.ts';
import type { NotificationSettings } from '../../protocol/settings/notifications.ts';
import type { Hub } from '../hub.ts';
import type { Logger } from '../log.ts';
import type { Collection } from '../store/documents.ts';
import { categoryOf } from './category.ts';
import { ChannelError, type Receipt } from './channel.ts';
import { composed, isEnd, type Surroundings } from './compose.ts';
import type { ConfiguredChannels } from './configured.ts';
import type { RouteRecord } from './documents.ts';
import { KnownFacts } from './known-facts.ts';
import type { Message } from './message.ts';
import type { Outbox } from './outbox.ts';
import { wayOf } from './routing.ts';

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
}

const TEST_MS = 20_000;

/** Hears of alerts, decides who is told and when, and puts it into the outbox. */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #facts: KnownFacts;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    this.#facts = new KnownFacts(parts.hub);
    // The hub logs what fails; the alert itself is on record either way.
    parts.hub.on('alert', ({ alert, transition }) => (transition.isTold ? this.tell(alert, transition) : undefined));
  }

  /** Puts one transition on its way; durable when it resolves. */
  async tell(alert: Alert, transition: Transition): Promise<void> {
    const { siteId, severity, hostId } = alert;
    const { outbox, channels, routes, log, now } = this.#parts;
    const surroundings = this.#parts.surroundings(siteId);
    const known = this.#facts.of(alert); // Now: by the time that something was read it may have changed.
    const routed = {
      severity,
      category: categoryOf(alert),
      tags: hostId === undefined ? [] : this.#parts.tagsOf(hostId),
      isEnd: isEnd(transition),
    };
    const way = wayOf(routed, {
      now: now(),
      timeZone: surroundings.timeZone,
      settings: this.#parts.settings(siteId),
      routes: await routes.find({ siteId }),
      channelIds: channels.enabled(siteId),
    });
    if (way.held) log.info({ alertId: alert.id, n: transition.n, held: way.held }, 'a notification was held back');
    if (way.channelIds.length === 0) return;
    const space = await this.#parts.space(alert, transition.at);
    await outbox.add(siteId, composed({ alert, transition, ...known, space }, surroundings), {
      channelIds: way.channelIds,
      gatherAt: way.digestAt,
    });
    outbox.work();
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
