import type { Alert } from '../../protocol/alerts.ts';
import type { NotificationSettings } from '../../protocol/settings/notifications.ts';
import type { Hub } from '../hub.ts';
import type { Logger } from '../log.ts';
import type { SealedFormParts } from '../sealed-form.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { channels as plugins } from './channels/index.ts';
import { type Chart, type ChartParts, pictureOf } from './chart/picture.ts';
import type { Surroundings } from './compose.ts';
import { gathered } from './compose.ts';
import { ConfiguredChannels } from './configured.ts';
import { type RouteRecord, routeRecords } from './documents.ts';
import type { OutboxEntry } from './entries.ts';
import { Notifier } from './notifier.ts';
import { Outbox } from './outbox.ts';
import { PushBrowsers } from './push/browsers.ts';
import type { NotificationRouteParts } from './routes.ts';
import { spaceOf } from './space.ts';

export interface NotificationParts extends SealedFormParts {
  documents: DocumentStore;
  hub: Hub;
  log: Logger;
  now: () => number;
  surroundings(siteId: string): Surroundings;
  settings(siteId: string): NotificationSettings;
  tagsOf(hostId: string): readonly string[];
  /** Alerts of every site that are not over. */
  openAlerts(): readonly Alert[];
  /** Whether a user may look at a site now. */
  mayLook(userId: string, siteId: string): boolean;
  charts: ChartParts;
}

/** Everything about notifications, joined: from here on alerts are told. */
export async function openNotifications(parts: NotificationParts): Promise<NotificationRouteParts> {
  const { documents, hub, log, now } = parts;
  const browsers = await PushBrowsers.open(parts);
  const browsersOf = (siteId: string) => browsers.deskOf(siteId);
  const channels = await ConfiguredChannels.open({ ...parts, plugins, browsersOf });
  const routes: Collection<RouteRecord> = await documents.collection(routeRecords);
  const outbox = await Outbox.open({
    documents,
    now,
    log,
    deliver: async (entries, signal) => {
      const [head] = entries;
      const why = head?.isOverflow ? 'Held back: its channel had too many messages within an hour.' : undefined;
      const message = gathered(
        entries.map((entry) => entry.message),
        why,
      );
      if (!head || !message) return { answer: '' };
      const channel = channels.opened(head.channelId);
      const chart = channel.showsCharts ? await chartFor({ ...head, message }, parts, signal) : undefined;
      return channel.send({ ...message, ...(chart && { chart }) }, signal);
    },
    mostAnHour: (siteId) => parts.settings(siteId).mostAnHour,
    onEnd: (entry) => tellEnd(parts, channels, entry),
    onChange: (siteId) => hub.emit('deliveries', { siteId }),
  });
  const notifier = new Notifier({
    ...parts,
    outbox,
    channels,
    routes,
    space: (alert, at) => spaceFor(alert, at, parts),
  });
  hub.on('site', async ({ before, after }) => {
    if (!before || after) return;
    for (const { id } of channels.list(before.id)) await channels.remove(before.id, id);
    for (const { id } of await routes.find({ siteId: before.id })) await routes.remove(id);
    await browsers.forgetSite(before.id);
  });
  return { plugins, channels, routes, outbox, notifier, browsers, now };
}

const CHART_MS = 5_000;
const SPACE_MS = 2_000;

/** A message goes out without its chart rather than late, whatever history is up to. */
async function chartFor(
  { siteId, message }: Pick<OutboxEntry, 'siteId' | 'message'>,
  { charts, log }: NotificationParts,
  signal: AbortSignal,
): Promise<Chart | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(CHART_MS)]);
  try {
    return await within(limit, pictureOf({ siteId, message, signal: limit }, charts));
  } catch (error) {
    log.warn({ err: error, messageId: message.id }, 'a message goes out without its chart');
    return undefined;
  }
}

/** Likewise without its figures. */
async function spaceFor(alert: Alert, at: number, { charts, log }: NotificationParts): Promise<string | undefined> {
  try {
    return await within(AbortSignal.timeout(SPACE_MS), spaceOf(alert, at, charts.query));
  } catch (error) {
    log.warn({ err: error, alertId: alert.id }, 'a message goes out without the space of its file system');
    return undefined;
  }
}

/** What `work` answers, unless the signal comes first. */
const within = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  ]);

/** A channel that gives up is wrong until it takes something again: a fact, so that a rule can tell it over another channel. */
function tellEnd({ hub, log, now }: NotificationParts, channels: ConfiguredChannels, entry: OutboxEntry): void {
  const { siteId, channelId, state, error = '' } = entry;
  const name = channels.list(siteId).find(({ id }) => id === channelId)?.name;
  const isFine = state === 'sent';
  if (!isFine) log.warn({ channelId, messageId: entry.message.id, error }, 'a notification was given up');
  if (name === undefined) return;
  const text = isFine ? `Channel ${name} works` : `Channel ${name} gave a message up: ${error}`;
  hub.emit('fact', {
    ...{ siteId, kind: 'notification', key: channelId, at: now(), text },
    ...{ state: isFine ? 'ok' : 'wrong', severity: 'high' },
  });
}
