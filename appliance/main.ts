// Over 250 lines because it is the composition root: the one file that knows every part, read from top to bottom.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Express } from 'express';
import { Server } from 'socket.io';
import { JoinDesk } from '../discovery/pairing/join-desk.ts';
import pkg from '../package.json' with { type: 'json' };
import { AGENTS_NAMESPACE } from '../protocol/agent-link.ts';
import { FRAME_LIMITS } from '../protocol/frames.ts';
import { LIVE_NAMESPACE } from '../protocol/live.ts';
import { routes as table } from '../protocol/routes/index.ts';
import { Access } from './access/access.ts';
import { serveAccess } from './access/routes.ts';
import { checkTrailJob } from './access/trail/job.ts';
import { secretFields } from './access/trail/mask.ts';
import { serveTrail } from './access/trail/routes.ts';
import { Trail } from './access/trail/trail.ts';
import { wordsOf } from './access/trail/words.ts';
import { addressForOthers, isOurHost, isOurOrigin, ownAddresses, ownNames } from './addresses.ts';
import { unpairedAgents } from './agents/discovered.ts';
import { agentRecords } from './agents/documents.ts';
import { type AgentNamespace, Gateway } from './agents/gateway.ts';
import { serveJoins } from './agents/join-routes.ts';
import { Joins } from './agents/joins.ts';
import { Pairing } from './agents/pairing.ts';
import { Registry } from './agents/registry.ts';
import { serveAgents } from './agents/routes.ts';
import { readScript } from './agents/script.ts';
import { Tokens } from './agents/tokens.ts';
import { Alerts } from './alerts/alerts.ts';
import { asAlert } from './alerts/documents.ts';
import { serveAlerts } from './alerts/routes.ts';
import { serveRules } from './alerts/rule-routes.ts';
import { Now } from './api/now.ts';
import { LoopLag, ownFigures } from './api/own-figures.ts';
import { serveApi } from './api/routes.ts';
import { Backups } from './backup/backups.ts';
import { choicesOf, scheduleOf } from './backup/choices.ts';
import { backupJob, restoreJob } from './backup/jobs.ts';
import { RESTORED_NOTE, restoredNote } from './backup/restore.ts';
import { serveBackups } from './backup/routes.ts';
import { type Certificates, openCertificates } from './certificates.ts';
import { type Clock, openClock } from './clock.ts';
import { Dashboard } from './dashboard/dashboard.ts';
import { serveDashboard } from './dashboard/routes.ts';
import { openKeys } from './data-key.ts';
import type { HistoryQuery } from './history/history.ts';
import { limitsOf } from './history/limits.ts';
import { type OpenedHistory, openHistory } from './history/open.ts';
import { serveHistory } from './history/routes.ts';
import { Inventory, type NewHost } from './hosts/inventory.ts';
import { serveHosts } from './hosts/routes.ts';
import { Hub } from './hub.ts';
import { openIdentity } from './identity.ts';
import { newId } from './ids.ts';
import { Descriptors } from './ingest/descriptors.ts';
import { serveDescriptors } from './ingest/routes.ts';
import { pruneJob } from './jobs/prune.ts';
import { serveJobs } from './jobs/routes.ts';
import { JobRunner } from './jobs/runner.ts';
import { type Listeners, listen } from './listen.ts';
import type { SiteAlerts } from './live/alert-room.ts';
import { type LiveNamespace, Rooms } from './live/rooms.ts';
import { type Logger, openLog } from './log.ts';
import { openLogFile } from './log-file.ts';
import { openNotifications } from './notifications/open.ts';
import { type NotificationRouteParts, serveNotifications } from './notifications/routes.ts';
import type { StartOptions } from './options.ts';
import { Problem } from './problem.ts';
import { RecentLines } from './recent-lines.ts';
import { openMaster, type Seal } from './seal.ts';
import { Routes } from './serve.ts';
import type { Session } from './session.ts';
import { serveSettings } from './settings/routes.ts';
import { sections } from './settings/sections/index.ts';
import { Settings } from './settings/settings.ts';
import { asStartError } from './start-error.ts';
import { Stops } from './stops.ts';
import { checkDirectory } from './store/check.ts';
import { openDataDirectory } from './store/directory.ts';
import type { DocumentStore } from './store/documents.ts';
import { newestFormat } from './store/format.ts';
import { openDocumentStore } from './store/nedb/documents.ts';
import { openNedbHistory } from './store/nedb/history-engine.ts';
import { linesWithoutSealed } from './store/nedb/unsealed.ts';
import { serveCa } from './system/ca.ts';
import { serveClock } from './system/clock.ts';
import { Finder } from './system/found.ts';
import { serveHealth } from './system/health.ts';
import { Heartbeats } from './system/heartbeats.ts';
import { type HistoryStorage, historyStorageOf, serveHistoryStorage } from './system/history-storage.ts';
import { LoopWatch } from './system/loop-delay.ts';
import { healthParts } from './system/parts.ts';
import { joinLan, type Presence } from './system/presence.ts';
import { serveSystem } from './system/routes.ts';
import { SelfAgent } from './system/self-agent.ts';
import { freeBytesOf, storageUnder } from './wear.ts';
import { makeWeb } from './web.ts';
import { readWhole, writeWhole } from './whole-file.ts';

export interface ApplianceOptions extends StartOptions {
  /** Folder of the build, with `web/` and `agent/`. */
  distDir: string;
  isTerminal: boolean;
  /** Where people read: the set-up link goes there and nowhere else. */
  print(text: string): void;
}

export interface Appliance {
  httpUrl: string;
  httpsUrl: string;
  /** For a start after this one: where everybody knows it. */
  ports: { httpPort: number; httpsPort: number };
  /** Resolves when it asks to be stopped and started anew, because its data is to be replaced by a restored backup. */
  restartAsked: Promise<void>;
  /** Ends all work, commits what is open and closes every file; nothing runs on after it. */
  stop(): Promise<void>;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Opens the state, joins the features on the hub, opens the doors, starts the work; stops in reverse. */
export async function startAppliance(options: ApplianceOptions): Promise<Appliance> {
  const lines = new RecentLines();
  const file = options.logFile === undefined ? undefined : openLogFile(options.logFile);
  const also = [lines, ...(file ? [file] : [])];
  const log = openLog({ level: options.logLevel, isTerminal: options.isTerminal, also });
  const stops = new Stops((what, error) => log.error({ component: 'appliance', err: error, what }, 'part failed'));
  stops.add('log file', () => file?.close());
  try {
    const state = await openState(options, log, stops);
    const features = await openFeatures(state, stops);
    stops.add('event loop', () => features.watch.loop.stop());
    const doors = await openDoors({ options, state: { ...state, lines }, features, stops });
    await startWork({ options, state, features, doors, stops });
    const { httpUrl, httpsUrl, listeners } = doors;
    const { httpPort, httpsPort } = listeners;
    return {
      httpUrl,
      httpsUrl,
      ports: { httpPort, httpsPort },
      restartAsked: restoredOf(state.hub),
      stop: () => stops.stop(),
    };
  } catch (error) {
    await stops.stop();
    throw asStartError(error, options.data);
  }
}

/** Resolves a moment after a restore is ready, so that its last word reaches who asked for it. */
function restoredOf(hub: Hub): Promise<void> {
  return new Promise((resolve) => {
    hub.on('job', ({ run }) => {
      if (run.jobId === 'restore' && run.state === 'done') setTimeout(resolve, SECOND_MS).unref();
    });
  });
}

interface State {
  log: Logger;
  hub: Hub;
  clock: Clock;
  now: () => number;
  seal: Seal;
  /** Where people reach the dashboard; known once the listeners are open. */
  reach: { url: string };
  /** The data directory. */
  dir: string;
  dataKey: Buffer;
  master(): Promise<Buffer>;
  applianceId: string;
  certificates: Certificates;
  documents: DocumentStore;
  history: OpenedHistory;
  inventory: Inventory;
  descriptors: Descriptors;
  settings: Settings<typeof sections>;
  historyStorage: () => HistoryStorage;
  /** The last lines of the log. */
  lines?: RecentLines;
  trail: Trail;
}

/** Everything on disk. A part that is damaged beyond mending refuses to start, rather than begin anew. */
async function openState({ data, key, url, hosts }: ApplianceOptions, log: Logger, stops: Stops): Promise<State> {
  const lock = await openDataDirectory({ dir: data, log: log.child({ component: 'store' }) });
  stops.add('data directory', () => lock.release());
  const documents = await openDocumentStore({ dir: data, log: log.child({ component: 'store' }) });
  stops.add('documents', () => documents.close());
  const clock = await openClock(data);
  stops.add('clock', () => clock.save());
  const { now } = clock;
  // Once agents are paired a new key, id or CA would make the appliance a stranger to all of them.
  const mayBegin = (await (await documents.collection(agentRecords)).find()).length === 0;
  const { seal, ...vault } = await openVault(data, key, mayBegin);
  const applianceId = await openIdentity(data, now(), mayBegin);
  const owned = { dataDir: data, names: ownNames(url, hosts), now: now() };
  const certificates = await openCertificates({ ...owned, seal, applianceId, mayBegin });
  const historyLog = log.child({ component: 'history' });
  const engine = await openNedbHistory({ dir: path.join(data, 'history'), log: historyLog, now });
  const hub = new Hub((event, error) => log.error({ component: 'hub', err: error, event }, 'listener failed'));
  const trail = await openTrail({ documents, seal, log, now, hub }, stops);
  const settings = await Settings.open({
    documents,
    hub,
    seal,
    sections,
    lookUp: (name) => process.env[name],
    facts: { freeBytes: () => freeBytesOf(data) },
  });
  const storage = await storageUnder(data);
  const limits = () => limitsOf(settings.of('history').value, storage.wears);
  const inventory = await Inventory.open(documents, hub, { now, endedAt: clock.endedAt });
  const descriptors = await Descriptors.open(documents, hub);
  const keepsLast = (hostId: string, metric: string) =>
    descriptors.get(inventory.get(hostId)?.siteId ?? '', metric)?.rollup === 'last';
  const history = await openHistory({ engine, log: historyLog, now, limits, keepsLast });
  stops.add('history', () => history.close());
  const historyStorage = () =>
    historyStorageOf({ stats: history.stats(), settings: settings.of('history').value, limits: limits(), storage });
  return {
    log,
    hub,
    clock,
    now,
    reach: { url: '' },
    seal,
    ...vault,
    applianceId,
    certificates,
    documents,
    history,
    inventory,
    descriptors,
    settings,
    historyStorage,
    trail,
  };
}

/** What opens everything sealed, and where it lies. */
async function openVault(dir: string, fromEnvironment: string | undefined, mayBegin: boolean) {
  const { seal, dataKey } = await openKeys(dir, { fromEnvironment, mayBegin });
  return { seal, dir, dataKey, master: () => openMaster(dir, { fromEnvironment, mayBegin: false }) };
}

/** Before everything else that speaks on the hub, and closed after it. */
async function openTrail(
  { documents, seal, log, now, hub }: Pick<State, 'documents' | 'seal' | 'log' | 'now' | 'hub'>,
  stops: Stops,
): Promise<Trail> {
  const trailLog = log.child({ component: 'audit' });
  const trail = await Trail.open({
    documents,
    seal,
    log: trailLog,
    now,
    secrets: secretFields(
      table,
      sections.map((section) => section.settings),
    ),
  });
  hub.on('audit', (event) => trail.record(event));
  stops.add('audit trail', () => trail.settled());
  stops.every(MINUTE_MS, 'audit trail', () => trail.retry());
  return trail;
}

interface Features {
  access: Access;
  dashboard: Dashboard;
  inventory: Inventory;
  descriptors: Descriptors;
  registry: Registry;
  tokens: Tokens;
  joinDesk: JoinDesk;
  jobs: JobRunner;
  backups: Backups;
  alerts: Alerts;
  watch: Watch;
  notifications: NotificationRouteParts;
}

/** The appliance's view of itself. */
interface Watch {
  startedAt: number;
  loop: LoopWatch;
  heartbeats: Heartbeats;
  lostFrames: number;
}

async function openFeatures(state: State, stops: Stops): Promise<Features> {
  const { documents, hub, now, seal, log, applianceId, certificates, inventory, descriptors, settings } = state;
  const access = await Access.open({
    documents,
    seal,
    hub,
    now,
    log: log.child({ component: 'access' }),
    viewOnly: (siteId) => settings.of('access', siteId).value.operatorsOnlyView,
    sessionMs: () => settings.of('sign-in').value.sessionDays * DAY_MS,
    sitesOfHosts: () => inventory.sites(),
  });
  const registry = await Registry.open(documents);
  const desk = {
    applianceId,
    ca: certificates.ca,
    leaf: certificates.agentLeaf.cert,
    random: randomBytes,
    newId: () => newId(now()),
  };
  const tokens = await Tokens.open({ documents, seal, now, log: log.child({ component: 'pairing' }), desk });
  const joinDesk = new JoinDesk(desk);
  registry.onState(({ hostId, state, leftAt }) =>
    inventory.bar(hostId, state === 'active' ? undefined : leftAt === undefined ? state : 'left'),
  );
  const jobs = await JobRunner.open({ documents, hub, now, log });
  const notifications = await openNotifying(state, access, stops); // Before the alerts: it must hear the first one.
  const alerts = await openAlerts(state, access, stops);
  return {
    access,
    dashboard: await openDashboard(state, access),
    inventory,
    descriptors,
    registry,
    tokens,
    joinDesk,
    jobs,
    backups: openBackups(state),
    alerts,
    watch: { startedAt: now(), loop: new LoopWatch(), heartbeats: new Heartbeats(hub), lostFrames: 0 },
    notifications,
  };
}

function openBackups({ dir, applianceId, dataKey, master, history, documents, settings, now, log }: State): Backups {
  const storeLog = log.child({ component: 'backup' });
  return new Backups({
    dataDir: dir,
    applianceId,
    version: pkg.version,
    dataFormat: newestFormat(),
    dataKey,
    master,
    choices: () => choicesOf(settings.of('backup').value, dir),
    still: (work) => history.still(work),
    check: (place, signal) => checkDirectory({ dir: place, log: storeLog, kinds: documents.kinds(), signal, now }),
    freeBytes: freeBytesOf,
    withoutSealed: linesWithoutSealed,
    now,
    log,
  });
}

/** Before frames come in: it fills the windows of rules from history. */
async function openNotifying(state: State, access: Access, stops: Stops): Promise<NotificationRouteParts> {
  const { documents, hub, log, now, seal, inventory, settings, reach } = state;
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
    tagsOf: (hostId) => inventory.get(hostId)?.tags ?? [],
  });
  stops.add('notifications', () => notifications.outbox.close());
  stops.every(SECOND_MS, 'notifications', () => notifications.outbox.work());
  return notifications;
}

async function openAlerts(state: State, access: Access, stops: Stops): Promise<Alerts> {
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
  });
  stops.add('alerts', () => alerts.close());
  stops.every(SECOND_MS, 'alerts', () => alerts.tick());
  stops.every(MINUTE_MS, 'forecasts', () => alerts.foresee());
  return alerts;
}

async function openDashboard({ documents, log }: State, access: Access): Promise<Dashboard> {
  const dashboard = await Dashboard.open(documents);
  access.users.onChange((before, after) => (after ? undefined : dashboard.forget(before.id)));
  access.onSetUp(
    () => void dashboard.beginOnboarding().catch((error) => log.error({ err: error }, 'steps of set-up are not kept')),
  );
  return dashboard;
}

interface Doors {
  gateway: Gateway;
  rooms: Rooms;
  listeners: Listeners;
  httpUrl: string;
  httpsUrl: string;
  /** Set when the LAN is joined. */
  lan: { presence?: Presence };
}

/** Sockets, routes and listeners: from here on, the outside can come in. */
async function openDoors({ options, state, features, stops }: Omit<Work, 'doors'>): Promise<Doors> {
  const { access } = features;
  const lan: Doors['lan'] = {};
  const io = new Server({
    serveClient: false,
    maxHttpBufferSize: FRAME_LIMITS.messageBytes,
    pingInterval: 15_000,
    pingTimeout: 10_000,
    connectTimeout: 10_000,
    allowRequest: ({ headers, socket }, done) => {
      const isOurs = isOurHost(headers.host, options) && isOurOrigin(headers.origin, headers.host);
      // Behind a proxy of ours the socket tells nothing; what comes there is its matter.
      const isPlain = !('encrypted' in socket) && options.trustProxy.length === 0;
      const isRefused = isPlain && state.settings.of('connection').value.httpsOnly;
      done(null, isOurs && !isRefused && access.site !== undefined);
    },
  });
  io.use((_socket, next) => next(new Error('nothing is here'))); // The root namespace, which is open otherwise.
  const gateway = openGateway(io, state, features);
  const rooms = openRooms({ io, state, features, gateway });
  const ports = { http: options.httpPort, https: options.httpsPort };
  const routes = await serveFeatures({ options, state, features, gateway, rooms, lan, httpsPort: () => ports.https });
  serveForPrograms(routes, { state, features, gateway, rooms, stops });
  const app = openWeb({ options, state, access, routes, httpsPort: () => ports.https });
  const listeners = await listen(app, state.certificates, ports);
  stops.add('listeners', () => listeners.close());
  ports.https = listeners.httpsPort;
  io.attach(listeners.http);
  io.attach(listeners.https);
  const host = ownAddresses()[0] ?? 'localhost';
  const httpUrl = options.url ?? `http://${host}:${listeners.httpPort}`;
  state.reach.url = httpUrl.replace(/\/$/, '');
  return { gateway, rooms, listeners, lan, httpUrl, httpsUrl: `https://${host}:${listeners.httpsPort}` };
}

/** History that counts what agents tell as lost. */
function countingLost(history: OpenedHistory, watch: Watch): OpenedHistory {
  return {
    ...history,
    skip: (skip) => {
      watch.lostFrames += skip.toSeq - skip.fromSeq + 1;
      return history.skip(skip);
    },
  };
}

function openGateway(io: Server, { hub, now, clock, history, applianceId, log }: State, features: Features): Gateway {
  const { registry, inventory, descriptors } = features;
  const namespace = io.of(AGENTS_NAMESPACE) as unknown as AgentNamespace;
  const gateway = new Gateway({
    namespace,
    registry,
    applianceId,
    log: log.child({ component: 'agents' }),
    parts: {
      hub,
      now,
      history: countingLost(history, features.watch),
      clockIsTrusted: () => clock.state().trust === 'trusted',
      learn: (siteId, said) => descriptors.learn(siteId, said),
      describe: async ({ hostId, agentId, siteId }, said) => {
        const record = registry.get(agentId);
        if (!record) return;
        const { facts } = said;
        const name = facts.hostName.slice(0, 64) || 'unnamed';
        await inventory.recover(hostId, { siteId, name, facts, isAppliance: record.isOwn === true });
        await inventory.describe(hostId, said);
        if (record.version !== said.agentVersion) await registry.change(agentId, { version: said.agentVersion });
      },
      intervalOf: (hostId) => inventory.intervalOf(hostId),
    },
  });
  hub.on('host', ({ before, after }) => {
    if (before && after && before.intervalMs !== after.intervalMs) gateway.setInterval(after.id, after.intervalMs);
  });
  return gateway;
}

function openRooms({
  io,
  state,
  features,
  gateway,
}: {
  io: Server;
  state: State;
  features: Features;
  gateway: Gateway;
}): Rooms {
  const { hub, now, history, log } = state;
  const { access, inventory, descriptors, alerts } = features;
  const namespace = io.of(LIVE_NAMESPACE) as unknown as LiveNamespace; // Each namespace has typed events of its own.
  const rooms = new Rooms({
    namespace,
    hub,
    now,
    log: log.child({ component: 'live' }),
    authenticate: (shown) => access.authenticate(shown),
    hostsOf: (session) => inventory.hostsOf(session),
    visible: (session, hostId) => inventory.visible(session, hostId),
    seriesOf: (hostId) => history.seriesOf(hostId),
    cardOf: (siteId, metric) => descriptors.get(siteId, metric)?.chart?.card,
    askWatch: (hostId) => gateway.watch(hostId),
    alerts: siteAlerts(alerts),
  });
  access.sessions.onEnd((sessionId, reason) => rooms.end(sessionId, reason));
  access.keys.onEnd((keyId) => rooms.end(keyId, 'site'));
  return rooms;
}

/** More than a dashboard can show; the rest is for the API. */
const MOST_ACTIVE = 1_000;
const MOST_RECENT = 20;

const siteAlerts = ({ book }: Alerts): SiteAlerts => {
  const find = (siteId: string, more: { status?: 'active'; limit: number }) =>
    book.find({ siteId, late: 'yes', ...more });
  return {
    active: async (siteId) => (await find(siteId, { status: 'active', limit: MOST_ACTIVE })).items.map(asAlert),
    recent: async (siteId) => (await find(siteId, { limit: MOST_RECENT })).items.map(asAlert),
  };
};

interface Served {
  options: ApplianceOptions;
  state: State;
  features: Features;
  gateway: Gateway;
  rooms: Rooms;
  lan: Doors['lan'];
  httpsPort: () => number;
}

async function serveFeatures(served: Served): Promise<Routes> {
  const { options, state, features, gateway } = served;
  const { now, clock, history } = state;
  const { access, inventory, descriptors } = features;
  const routes = new Routes();
  serveAccess(routes, {
    access,
    version: pkg.version,
    now,
    hostsOf: (siteId) => inventory.summaryOf(siteId),
    nextStep: () => features.dashboard.step(),
  });
  serveFleet(routes, { options, state, features, gateway });
  serveDashboard(routes, { dashboard: features.dashboard, checkCode: (code) => access.checkSetupCode(code) });
  serveDescriptors(routes, descriptors);
  serveSettings(routes, state.settings);
  serveHistoryStorage(routes, state.historyStorage);
  serveHistory(routes, {
    history,
    visible: (session, hostId) => inventory.visible(session, hostId),
    hostsOf: (session) => inventory.hostsOf(session),
    unitOf: (siteId, metric) => descriptors.get(siteId, metric)?.unit,
  });
  serveClock(routes, clock);
  serveCa(routes, state.certificates.ca);
  serveSystemOf(routes, served);
  serveJobs(routes, features.jobs);
  serveAlertFeature(routes, state, features);
  serveTrail(routes, { trail: state.trail, words: wordsOf(table) });
  serveBackupsOf(routes, state, features);
  serveHealth(routes, {
    version: pkg.version,
    parts: partsOf(served),
  });
  await serveAgentsFeature(routes, served);
  return routes;
}

/** Hosts and their agents, which belong together at the API and nowhere else. */
function serveFleet(
  routes: Routes,
  { options, state, features, gateway }: Omit<Served, 'rooms' | 'lan' | 'httpsPort'>,
): void {
  const { history } = state;
  const { inventory, registry, tokens } = features;
  const ofHosts = agentsOfHosts(registry, gateway);
  serveHosts(routes, {
    inventory,
    ...ofHosts,
    watchesItself: options.selfAgent,
    agentsOf: (hostId) => registry.ofHost(hostId).filter(({ state }) => state !== 'revoked').length,
    tokensFor: (hostId) => tokens.openFor(hostId),
    revokeToken: (siteId, tokenId) => tokens.revoke(siteId, tokenId),
    holdings: (hostId) => ({ series: history.seriesOf(hostId).length, span: history.spanOf(hostId) }),
    forget: (hostId) => history.forget(hostId),
  });
}

function serveAlertFeature(
  routes: Routes,
  { now, history, descriptors }: State,
  { alerts, inventory, notifications }: Features,
): void {
  const parts = {
    alerts,
    now,
    describe: (siteId: string, metric: string) => descriptors.get(siteId, metric),
    query: (query: HistoryQuery) => history.query(query),
    seriesOf: (hostId: string) => history.seriesOf(hostId),
    hostsOf: (session: Session) => inventory.hostsOf(session),
    visible: (session: Session, hostId: string) => inventory.visible(session, hostId),
    pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
  };
  serveAlerts(routes, parts);
  serveRules(routes, parts);
  serveNotifications(routes, notifications);
}

/** Tokens, joining by digits, and the agents that are in. */
async function serveAgentsFeature(
  routes: Routes,
  { options, state, features, gateway, lan, httpsPort }: Served,
): Promise<void> {
  const { hub, now, certificates } = state;
  const { inventory, registry, tokens, joinDesk } = features;
  const script = await readScript(path.join(options.distDir, 'agent', 'agent.cjs'));
  const { replaceAgents } = agentsOfHosts(registry, gateway);
  const enrolParts = { registry, hub, now, replaceAgents, register: (host: NewHost) => inventory.register(host) };
  const joins = new Joins({ desk: joinDesk, newId: () => newId(now()), ...enrolParts });
  serveJoins(routes, joins);
  // No agent may come into a site that is gone.
  hub.on('site', async ({ before, after }) => {
    if (!before || after) return;
    joins.refuseAll(before.id);
    await tokens.revokeAll(before.id);
    await state.descriptors.forgetSite(before.id);
  });
  serveAgents(routes, {
    registry,
    gateway,
    tokens,
    now,
    pairing: new Pairing({ tokens, ...enrolParts }),
    mayPair: (session, hostId, uses) => {
      const { kind, isAppliance } = inventory.visible(session, hostId);
      if (kind !== 'agent' || isAppliance || uses > 1)
        throw new Problem('invalid-request', 'A token for a host lets one agent in, for a host of kind agent');
    },
    discovered: () => unpairedAgents(lan.presence?.agents() ?? []),
    hostName: (hostId) => inventory.get(hostId)?.name ?? '',
    addressForOthers: (host) =>
      addressForOthers(host, [...(options.url ? [new URL(options.url).hostname] : []), ...ownAddresses()]),
    script: () => script,
    target: () => ({ httpsPort: httpsPort(), pin: certificates.browserPin }),
  });
}

function partsOf({ state, features, gateway, lan }: Pick<Served, 'state' | 'features' | 'gateway' | 'lan'>) {
  return healthParts({
    quarantined: () => state.documents.quarantined,
    historyStorage: state.historyStorage,
    clockState: () => state.clock.state(),
    connectedAgents: () => gateway.connected,
    auditTrail: () => state.trail.state(),
    isOnLan: () => lan.presence !== undefined,
    heardAgents: () => lan.presence?.agents().length ?? 0,
    jobs: () => features.jobs.list(),
  });
}

function serveSystemOf(routes: Routes, served: Served): void {
  const { state, features, gateway, rooms } = served;
  const { watch, jobs, inventory } = features;
  const { now, history, historyStorage, dir } = state;
  serveSystem(routes, {
    parts: partsOf(served),
    heartbeats: watch.heartbeats,
    lines: state.lines ?? new RecentLines(),
    ingest: () => ({ lostFrames: watch.lostFrames, agents: gateway.connected, dashboards: rooms.watchers }),
    facts: async () => {
      const { bytes, budgetBytes } = historyStorage();
      const { partitions, openFrames } = history.stats();
      const all = jobs.list();
      const last = all.find(({ id }) => id === 'backup')?.last;
      return {
        version: pkg.version,
        startedAt: watch.startedAt,
        at: now(),
        node: process.version,
        machine: `${process.platform} ${process.arch}`,
        memoryBytes: process.memoryUsage.rss(),
        disk: { freeBytes: await freeBytesOf(dir) },
        eventLoop: watch.loop.delay,
        queues: [
          { id: 'open-rows', title: 'Rows of history not sealed yet', length: openFrames },
          { id: 'jobs', title: 'Jobs at work', length: all.filter(({ running }) => running).length },
          { id: 'hosts', title: 'Hosts', length: inventory.all().length },
        ],
        history: { bytes, budgetBytes, partitions },
        backup: last ? { at: last.endedAt ?? last.startedAt, state: last.state, text: last.text } : null,
      };
    },
  });
}

function serveBackupsOf(routes: Routes, { now }: State, { access, backups, jobs }: Features): void {
  serveBackups(routes, {
    backups,
    startRestore: (by) => jobs.start('restore', by),
    lastRestore: () => {
      const restore = jobs.list().find(({ id }) => id === 'restore');
      return restore?.running ?? restore?.last;
    },
    checkSetup: (code) => {
      if (access.site) throw new Problem('already-set-up', 'Sign in, or ask the owner for an account');
      if (code !== undefined) access.setupCode.check(code, now());
    },
  });
}

/** What programs ask for; `/metrics` tells of the whole appliance, as far as the caller may know. */
function serveForPrograms(
  routes: Routes,
  {
    state,
    features,
    gateway,
    rooms,
    stops,
  }: Pick<Work, 'state' | 'features' | 'stops'> & { gateway: Gateway; rooms: Rooms },
): void {
  const { now, hub, documents, historyStorage, trail } = state;
  const { inventory, descriptors } = features;
  const lag = new LoopLag();
  stops.add('event loop lag', () => lag.stop());
  const values = new Now(hub);
  const sources = {
    version: pkg.version,
    tiers: () => historyStorage().tiers,
    historyBudgetBytes: () => historyStorage().budgetBytes,
    damagedFiles: () => documents.quarantined.length + historyStorage().damaged.length,
    connectedAgents: () => gateway.connected,
    dashboards: () => rooms.watchers,
    frames: () => values.frames,
    trail: () => trail.counts,
  };
  serveApi(routes, {
    table,
    version: pkg.version,
    fleet: {
      now,
      values,
      hostsOf: (session) => inventory.hostsOf(session),
      descriptorOf: (siteId, metric) => descriptors.get(siteId, metric),
    },
    figures: ownFigures(sources, lag),
  });
}

/** What becomes of the agents of a host that is removed, or that takes the place of another. */
function agentsOfHosts(registry: Registry, gateway: Gateway) {
  const expelAll = async (hostId: string, message: string): Promise<void> => {
    for (const { id } of registry.ofHost(hostId)) {
      gateway.expel(id, { code: 'revoked', message });
      await registry.remove(id);
    }
  };
  const removeAgents = (hostId: string): Promise<void> =>
    expelAll(hostId, 'Its host was removed in the dashboard: pair it again to let it in');
  const replaceAgents = (hostId: string): Promise<void> =>
    expelAll(hostId, 'Another agent was paired for its host: pair it again to let it in');
  const moveAgents = async (fromHostId: string, toHostId: string): Promise<void> => {
    if (registry.ofHost(fromHostId).length === 0) return; // Moved by an answer before this one.
    await removeAgents(toHostId);
    for (const { id } of registry.ofHost(fromHostId)) {
      await registry.change(id, { hostId: toHostId });
      gateway.reconnect(id);
    }
  };
  return { removeAgents, replaceAgents, moveAgents };
}

interface WebParts {
  options: ApplianceOptions;
  state: State;
  access: Access;
  routes: Routes;
  httpsPort: () => number;
}

function openWeb({ options, state, access, routes, httpsPort }: WebParts): Express {
  const { log, hub, now } = state;
  const webDir = path.join(options.distDir, 'web');
  const isSetUp = (): boolean => access.site !== undefined;
  return makeWeb({
    routes,
    table,
    log: log.child({ component: 'web' }),
    accessLog: log.child({ component: 'access' }),
    door: {
      log,
      isSetUp,
      authenticate: ({ headers, secure, ip = '' }) =>
        access.authenticate({ headers, secure, from: ip.replace(/^::ffff:/, '') }),
      audit: (entry) => hub.emit('audit', { at: now(), ...entry }),
    },
    httpsOnly: { isOn: () => state.settings.of('connection').value.httpsOnly, port: httpsPort },
    url: options.url,
    hosts: options.hosts,
    trustProxy: options.trustProxy,
    webDir: existsSync(webDir) ? webDir : undefined,
  });
}

interface Work {
  options: ApplianceOptions;
  state: State;
  features: Features;
  doors: Doors;
  stops: Stops;
}

/** What hangs on the clock: who is there, how late it is, which sessions and certificates are over. */
function keepTime({ options, state, features, doors, stops }: Work): void {
  const { now, clock, certificates, log } = state;
  const { inventory } = features;
  stops.add('last seen', () => inventory.saveSeen(now(), 0));
  stops.every(SECOND_MS, 'host status', () => inventory.judgeAll(now()));
  stops.every(SECOND_MS, 'clock', () => {
    if (!clock.observe()) return;
    log.warn({ component: 'clock', ...clock.state() }, 'the time was set; agents measure theirs anew');
    doors.gateway.reconnectAll();
  });
  // Each time costs about 100 KB on ext4: where storage is spared, the clock may be an hour behind after a power cut.
  let clockSavedAt = now();
  stops.every(MINUTE_MS, 'last time', async () => {
    if (state.historyStorage().lowWear.isOn && now() - clockSavedAt < HOUR_MS) return;
    clockSavedAt = now();
    await clock.save();
  });
  stops.every(SECOND_MS, 'pending alerts', () => doors.rooms.tellPending());
  stops.every(MINUTE_MS, 'expired sessions', () => doors.rooms.endExpired(now()));
  stops.every(HOUR_MS, 'last seen', () => inventory.saveSeen(now()));
  stops.every(HOUR_MS, 'certificate', async () => {
    if (await certificates.renew(ownNames(options.url, options.hosts), now()))
      doors.listeners.reload(certificates.browserLeaf);
  });
}

/** Timers, mDNS, the own agent, and the words on the console. */
async function startWork({ options, state, features, doors, stops }: Work): Promise<void> {
  const { log } = state;
  const { access } = features;
  keepTime({ options, state, features, doors, stops });
  lookAtItself({ options, state, features, doors, stops });
  addJobs(state, features, stops);
  if (options.mdns) openLan({ state, doors, stops });
  const selfAgent = openSelfAgent({ options, state, features, doors, stops });
  if (options.selfAgent) {
    stops.add('own agent', () => selfAgent.stop());
    if (access.site) await selfAgent.start();
    else
      access.onSetUp(
        () => void selfAgent.start().catch((error) => log.error({ err: error }, 'own agent could not be started')),
      );
  }
  await tellOfRestore(state);
  await announce({ options, features, doors, stops });
}

/** Advertises the appliance over mDNS, and hears the agents there. */
function openLan({ state, doors, stops }: Pick<Work, 'state' | 'doors' | 'stops'>): void {
  const { certificates, log, now } = state;
  const presence = joinLan({
    applianceId: state.applianceId,
    version: pkg.version,
    httpsPort: doors.listeners.httpsPort,
    caPin: certificates.caPin,
    log: log.child({ component: 'mdns' }),
    now,
  });
  doors.lan.presence = presence;
  stops.add('mDNS', () => presence.stop());
}

/** The audit trail was restored too: that it was has to stand in it. */
async function tellOfRestore({ dir, hub, now, log }: State): Promise<void> {
  const file = path.join(dir, RESTORED_NOTE);
  const text = await readWhole(file);
  if (text === undefined) return;
  const { by, ...detail } = restoredNote.parse(JSON.parse(text));
  log.info({ component: 'backup', by, ...detail }, 'a backup was restored');
  hub.emit('audit', { at: now(), who: by, from: '', what: 'backup.restored', detail });
  await rm(file);
}

/** What is wrong with the appliance itself, and with its agents, becomes facts. */
function lookAtItself({ state, features, doors, stops }: Work): void {
  stops.every(MINUTE_MS, 'figures of itself', () => {
    features.watch.loop.tick();
    features.watch.heartbeats.tick(state.now(), features.inventory.all());
  });
  const finder = new Finder({
    hub: state.hub,
    now: state.now,
    parts: partsOf({ state, features, gateway: doors.gateway, lan: doors.lan }),
    hosts: () => features.inventory.all(),
    version: pkg.version,
  });
  stops.every(MINUTE_MS, 'what is wrong', () => finder.look());
}

/** What the appliance does by itself. */
function addJobs(
  { settings, trail }: State,
  { access, tokens, jobs, backups, alerts, notifications }: Features,
  stops: Stops,
): void {
  stops.add('jobs', () => jobs.stop());
  stops.every(SECOND_MS, 'jobs', () => jobs.tick());
  const recordsBefore = (at: number): number => at - settings.of('history').value.recordDays * DAY_MS;
  jobs.add(
    pruneJob([
      { what: 'expired sessions', prune: (at) => access.sessions.prune(at) },
      { what: 'dead tokens', prune: (at) => tokens.prune(at) },
      { what: 'runs of jobs', prune: (at) => jobs.prune(recordsBefore(at)) },
      { what: 'alerts that are over', prune: (at) => alerts.book.prune(recordsBefore(at)) },
      { what: 'messages that were sent', prune: (at) => notifications.outbox.prune(recordsBefore(at)) },
      { what: 'entries of the audit trail', prune: (at) => trail.prune(recordsBefore(at)) },
    ]),
  );
  jobs.add(checkTrailJob(trail));
  const zone = () => settings.of('general', access.site?.id ?? '').value.timeZone;
  jobs.add(backupJob(backups, () => scheduleOf(settings.of('backup').value, zone())));
  jobs.add(restoreJob(backups));
}

function openSelfAgent({ options, state, features, doors }: Work): SelfAgent {
  return new SelfAgent({
    script: path.join(options.distDir, 'agent', 'agent.cjs'),
    stateDir: path.join(options.data, 'self-agent'),
    hub: `https://127.0.0.1:${doors.listeners.httpsPort}`,
    log: state.log.child({ component: 'own-agent' }),
    issueToken: async () => {
      const siteId = features.access.site?.id ?? '';
      return (await features.tokens.issue({ siteId, isOwn: true })).text;
    },
  });
}

/** Where to find it: real addresses on the console and in `run.json`; the set-up link on the console only. */
async function announce({ options, features, doors, stops }: Omit<Work, 'state'>): Promise<void> {
  const { access } = features;
  const { httpUrl, httpsUrl, listeners } = doors;
  const runFile = path.join(options.data, 'run.json');
  const run = {
    pid: process.pid,
    version: pkg.version,
    httpUrl,
    httpsUrl,
    httpPort: listeners.httpPort,
    httpsPort: listeners.httpsPort,
  };
  await writeWhole(runFile, `${JSON.stringify(run, null, 2)}\n`);
  stops.add('run.json', () => rm(runFile, { force: true }));
  if (access.site) return options.print(`Reeve ${pkg.version} runs at ${httpUrl} and ${httpsUrl}\n`);
  if (features.registry.all().length > 0)
    options.print(
      'The owner is lost, though agents are paired: docs/users.db in the data folder is missing or damaged. Restore it from a backup, or make a new owner; hosts and history stay.\n',
    );
  options.print(
    `Reeve ${pkg.version} runs. Open this link to make the owner's account (it holds the set-up code, new at each start):\n\n  ${httpUrl}/#code=${access.setupCode.text}\n\n`,
  );
}
