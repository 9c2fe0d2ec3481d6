// Part of the second stage: what becomes an alert, what keeps it quiet, and who is told.
import type { Alert, Hold } from '../../protocol/alerts.ts';
import type { Access } from '../access/access.ts';
import { Alerts } from '../alerts/alerts.ts';
import { TellingDesk } from '../alerts/desk.ts';
import { Incidents } from '../incidents/incidents.ts';
import { NetworkWatch } from '../incidents/network-watch.ts';
import { kernelFiles, nudge, readOwnNetwork } from '../incidents/own-network.ts';
import { Quiet } from '../incidents/quiet.ts';
import { timeText as clockText } from '../notifications/message.ts';
import { openNotifications } from '../notifications/open.ts';
import type { NotificationRouteParts } from '../notifications/routes.ts';
import { MINUTE_MS, SECOND_MS } from '../spans.ts';
import type { Stops } from '../stops.ts';
import type { State } from './state.ts';

const ESCALATE_MS = 5 * SECOND_MS;

export interface Alerting {
  alerts: Alerts;
  notifications: NotificationRouteParts;
  quiet: Quiet;
}

/** In this order: who is told must hear the first alert. */
export async function openAlerting(state: State, access: Access, stops: Stops): Promise<Alerting> {
  const quiet = await openQuiet(state);
  const opened: { desk?: TellingDesk } = {};
  const notifications = await openNotifying(state, access, { stops, openAlerts: () => opened.desk?.open() ?? [] });
  const incidents = openIncidents(state, quiet);
  const alerts = await openAlerts(state, access, { stops, holdOf: (alert) => incidents.holdOf(alert) });
  opened.desk = new TellingDesk(alerts.book, state.now);
  incidents.begin(opened.desk);
  stops.every(SECOND_MS, 'incidents', () => incidents.tick());
  return { alerts, notifications, quiet };
}

/** What keeps alerts quiet because its cause is elsewhere, and what is told together. */
function openIncidents({ hub, now, inventory, settings }: State, quiet: Quiet): Incidents {
  const network = new NetworkWatch({
    hub,
    now,
    hosts: () => inventory.all(),
    read: () => readOwnNetwork(kernelFiles, nudge),
  });
  return new Incidents({
    hub,
    now,
    quiet,
    network,
    hostOf: (id) => inventory.get(id),
    timeText: (siteId, at) => clockText(at, settings.of('general', siteId).value.timeZone),
  });
}

/** Silences and maintenance, which go with their host or site. */
async function openQuiet({ documents, hub }: State): Promise<Quiet> {
  const quiet = await Quiet.open(documents);
  hub.on('host', ({ before, after }) => (before && !after ? quiet.forgetHost(before.siteId, before.id) : undefined));
  hub.on('site', ({ before, after }) => (before && !after ? quiet.forgetSite(before.id) : undefined));
  return quiet;
}

async function openNotifying(
  state: State,
  access: Access,
  { stops, openAlerts }: { stops: Stops; openAlerts: () => readonly Alert[] },
): Promise<NotificationRouteParts> {
  const { documents, hub, log, now, seal, inventory, descriptors, history, settings, reach } = state;
  const notifications = await openNotifications({
    documents,
    hub,
    seal,
    now,
    log: log.child({ component: 'notifications' }),
    lookUp: (name) => process.env[name],
    surroundings: (siteId) => ({
      site: access.sites.get(siteId)?.name ?? '',
      timeZone: settings.of('general', siteId).value.timeZone,
      url: reach.url,
    }),
    settings: (siteId) => settings.of('notifications', siteId).value,
    openAlerts,
    tagsOf: (hostId) => inventory.get(hostId)?.tags ?? [],
    mayLook: (userId, siteId) => access.mayLook(userId, siteId),
    charts: {
      query: (query) => history.query(query),
      titleOf: (siteId, metric) => descriptors.get(siteId, metric)?.title,
    },
  });
  const { browsers } = notifications;
  access.users.onChange((before, after) => (after ? undefined : browsers.forgetUser(before.id)));
  access.sessions.onEnd((sessionId, reason) => {
    if (reason !== 'signed-out') return;
    browsers.endSession(sessionId).catch((error) => log.error({ err: error }, 'a browser could not be forgotten'));
  });
  stops.add('notifications', () => notifications.outbox.close());
  stops.every(SECOND_MS, 'notifications', () => notifications.outbox.work());
  stops.every(ESCALATE_MS, 'escalation', () => notifications.notifier.escalate());
  return notifications;
}

/** Before frames come in: it fills the windows of rules from history. */
async function openAlerts(
  state: State,
  access: Access,
  { stops, holdOf }: { stops: Stops; holdOf: (alert: Alert) => Hold | undefined },
): Promise<Alerts> {
  const { documents, hub, log, now, inventory, descriptors, history } = state;
  const alerts = await Alerts.open({
    documents,
    hub,
    now,
    log: log.child({ component: 'alerts' }),
    hosts: () => inventory.all(),
    applianceSite: () => access.site?.id,
    describe: (siteId, metric) => descriptors.get(siteId, metric),
    query: (query) => history.query(query),
    holdOf,
  });
  stops.add('alerts', () => alerts.close());
  stops.every(SECOND_MS, 'alerts', () => alerts.tick());
  stops.every(MINUTE_MS, 'forecasts', () => alerts.foresee());
  return alerts;
}
