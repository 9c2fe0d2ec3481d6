// Over 250 lines because it is the composition root: the one file that knows every part, read from top to bottom.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Express } from 'express';
import { Server } from 'socket.io';
import pkg from '../package.json' with { type: 'json' };
import { AGENTS_NAMESPACE } from '../protocol/agent-link.ts';
import { FRAME_LIMITS } from '../protocol/frames.ts';
import { LIVE_NAMESPACE } from '../protocol/live.ts';
import { routes as table } from '../protocol/routes/index.ts';
import { Access } from './access/access.ts';
import { serveAccess } from './access/routes.ts';
import { addressForOthers, isOurHost, isOurOrigin, ownAddresses, ownNames } from './addresses.ts';
import { unpairedAgents } from './agents/discovered.ts';
import { agentRecords } from './agents/documents.ts';
import { type AgentNamespace, Gateway } from './agents/gateway.ts';
import { Pairing } from './agents/pairing.ts';
import { Registry } from './agents/registry.ts';
import { serveAgents } from './agents/routes.ts';
import { readScript } from './agents/script.ts';
import { Tokens } from './agents/tokens.ts';
import { type Certificates, openCertificates } from './certificates.ts';
import { type Clock, openClock } from './clock.ts';
import { Dashboard } from './dashboard/dashboard.ts';
import { serveDashboard } from './dashboard/routes.ts';
import type { History } from './history/history.ts';
import { limitsOf } from './history/limits.ts';
import { openHistory } from './history/open.ts';
import { serveHistory } from './history/routes.ts';
import { Inventory } from './hosts/inventory.ts';
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
import { type LiveNamespace, Rooms } from './live/rooms.ts';
import { type Logger, openLog } from './log.ts';
import type { StartOptions } from './options.ts';
import { Problem } from './problem.ts';
import { openSeal, type Seal } from './seal.ts';
import { Routes } from './serve.ts';
import { HistorySettingsStore } from './settings/history-settings.ts';
import { serveSettings } from './settings/routes.ts';
import { asStartError } from './start-error.ts';
import { Stops } from './stops.ts';
import { openDataDirectory } from './store/directory.ts';
import type { DocumentStore } from './store/documents.ts';
import { openDocumentStore } from './store/nedb/documents.ts';
import { openNedbHistory } from './store/nedb/history-engine.ts';
import { serveClock } from './system/clock.ts';
import { serveHealth } from './system/health.ts';
import { type HistoryStorage, historyStorageOf } from './system/history-storage.ts';
import { healthParts } from './system/parts.ts';
import { joinLan, type Presence } from './system/presence.ts';
import { SelfAgent } from './system/self-agent.ts';
import { freeBytesOf, storageUnder } from './wear.ts';
import { makeWeb } from './web.ts';
import { writeWhole } from './whole-file.ts';

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
  /** Ends all work, commits what is open and closes every file; nothing runs on after it. */
  stop(): Promise<void>;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Opens the state, joins the features on the hub, opens the doors, starts the work; stops in reverse. */
export async function startAppliance(options: ApplianceOptions): Promise<Appliance> {
  const log = openLog({ level: options.logLevel, isTerminal: options.isTerminal });
  const stops = new Stops((what, error) => log.error({ component: 'appliance', err: error, what }, 'part failed'));
  try {
    const state = await openState(options, log, stops);
    const features = await openFeatures(state);
    const doors = await openDoors({ options, state, features, stops });
    await startWork({ options, state, features, doors, stops });
    return { httpUrl: doors.httpUrl, httpsUrl: doors.httpsUrl, stop: () => stops.stop() };
  } catch (error) {
    await stops.stop();
    throw asStartError(error, options.data);
  }
}

interface State {
  log: Logger;
  hub: Hub;
  clock: Clock;
  now: () => number;
  seal: Seal;
  applianceId: string;
  certificates: Certificates;
  documents: DocumentStore;
  history: History;
  inventory: Inventory;
  descriptors: Descriptors;
  settings: HistorySettingsStore;
  historyStorage: () => HistoryStorage;
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
  const seal = await openSeal(data, { fromEnvironment: key, mayBegin });
  const applianceId = await openIdentity(data, now(), mayBegin);
  const certificates = await openCertificates({
    dataDir: data,
    seal,
    applianceId,
    names: ownNames(url, hosts),
    now: now(),
    mayBegin,
  });
  const historyLog = log.child({ component: 'history' });
  const engine = await openNedbHistory({ dir: path.join(data, 'history'), log: historyLog, now });
  const hub = new Hub((event, error) => log.error({ component: 'hub', err: error, event }, 'listener failed'));
  const settings = await HistorySettingsStore.open({ documents, hub, freeBytes: () => freeBytesOf(data) });
  const storage = await storageUnder(data);
  const limits = () => limitsOf(settings.current.settings, storage.wears);
  const inventory = await Inventory.open(documents, hub, { now, endedAt: clock.endedAt });
  const descriptors = await Descriptors.open(documents, hub);
  const keepsLast = (hostId: string, metric: string) =>
    descriptors.get(inventory.get(hostId)?.siteId ?? '', metric)?.rollup === 'last';
  const history = await openHistory({ engine, log: historyLog, now, limits, keepsLast });
  stops.add('history', () => history.close());
  const historyStorage = () =>
    historyStorageOf({ stats: history.stats(), settings: settings.current.settings, limits: limits(), storage });
  return {
    log,
    hub,
    clock,
    now,
    seal,
    applianceId,
    certificates,
    documents,
    history,
    inventory,
    descriptors,
    settings,
    historyStorage,
  };
}

interface Features {
  access: Access;
  dashboard: Dashboard;
  inventory: Inventory;
  descriptors: Descriptors;
  registry: Registry;
  tokens: Tokens;
  jobs: JobRunner;
}

async function openFeatures(state: State): Promise<Features> {
  const { documents, hub, now, seal, log, applianceId, certificates, inventory, descriptors } = state;
  const access = await Access.open({ documents, seal, hub, now });
  const registry = await Registry.open(documents);
  const desk = {
    applianceId,
    ca: certificates.ca,
    leaf: certificates.agentLeaf.cert,
    random: randomBytes,
    newId: () => newId(now()),
  };
  const tokens = await Tokens.open({ documents, seal, now, log: log.child({ component: 'pairing' }), desk });
  const auditLog = log.child({ component: 'audit' });
  hub.on('audit', (event) => auditLog.info(event, event.what));
  registry.onState(({ hostId, state }) => inventory.bar(hostId, state === 'active' ? undefined : state));
  const dashboard = await Dashboard.open(documents);
  access.onSetUp(
    () => void dashboard.beginOnboarding().catch((error) => log.error({ err: error }, 'steps of set-up are not kept')),
  );
  const jobs = await JobRunner.open({ documents, hub, now, log });
  return { access, dashboard, inventory, descriptors, registry, tokens, jobs };
