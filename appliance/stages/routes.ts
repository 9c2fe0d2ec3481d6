// Over 250 lines because it hands each route what it needs of other features: a list, read from top to bottom.
import pkg from '../../package.json' with { type: 'json' };
import { routes as table } from '../../protocol/routes/index.ts';
import { serveAccess } from '../access/routes.ts';
import { serveTrail } from '../access/trail/routes.ts';
import { wordsOf } from '../access/trail/words.ts';
import { addressForOthers, ownAddresses } from '../addresses.ts';
import { unpairedAgents } from '../agents/discovered.ts';
import type { Gateway } from '../agents/gateway.ts';
import { serveJoins } from '../agents/join-routes.ts';
import { Joins } from '../agents/joins.ts';
import { Pairing } from '../agents/pairing.ts';
import { serveProcesses } from '../agents/processes.ts';
import type { Registry } from '../agents/registry.ts';
import { serveRollOuts } from '../agents/roll-out-routes.ts';
import { ROLL_OUT_JOB, type RollOuts } from '../agents/roll-outs.ts';
import { type AgentRouteParts, serveAgents } from '../agents/routes.ts';
import { serveAlerts } from '../alerts/routes.ts';
import { serveRules } from '../alerts/rule-routes.ts';
import { Now } from '../api/now.ts';
import { LoopLag, ownFigures } from '../api/own-figures.ts';
import { serveApi } from '../api/routes.ts';
import { serveBackups } from '../backup/routes.ts';
import { serveCost } from '../cost/routes.ts';
import { serveBoards } from '../dashboard/board-routes.ts';
import { serveDashboard } from '../dashboard/routes.ts';
import type { HistoryQuery } from '../history/history.ts';
import { serveHistory } from '../history/routes.ts';
import type { NewHost } from '../hosts/inventory.ts';
import { serveHosts } from '../hosts/routes.ts';
import { newId } from '../ids.ts';
import { serveIncidents } from '../incidents/routes.ts';
import { serveDescriptors } from '../ingest/routes.ts';
import { serveJobs } from '../jobs/routes.ts';
import type { JobRunner } from '../jobs/runner.ts';
import type { Rooms } from '../live/rooms.ts';
import { serveMachine } from '../machine/routes.ts';
import { serveNetwork } from '../network/routes.ts';
import { serveNotifications } from '../notifications/routes.ts';
import type { ApplianceOptions } from '../options.ts';
import { Problem } from '../problem.ts';
import { RecentLines } from '../recent-lines.ts';
import { Routes } from '../serve.ts';
import { serveServices } from '../services/routes.ts';
import type { Session } from '../session.ts';
import { serveSettings } from '../settings/routes.ts';
import type { Stops } from '../stops.ts';
import { serveCa } from '../system/ca.ts';
import { serveClock } from '../system/clock.ts';
import { serveHealth } from '../system/health.ts';
import { serveHistoryStorage } from '../system/history-storage.ts';
import { healthParts } from '../system/parts.ts';
import type { Presence } from '../system/presence.ts';
import { serveSystem } from '../system/routes.ts';
import { freeBytesOf } from '../wear.ts';
import { serveAuditing } from './auditing.ts';
import type { Features, Opening } from './features.ts';
import { imagePartOf } from './imaging.ts';
import { openInstallers } from './installers.ts';
import { serveInstalling } from './installing.ts';
import type { State } from './state.ts';

interface Served {
  options: ApplianceOptions;
  state: State;
  features: Features;
  gateway: Gateway;
  rooms: Rooms;
  lan: Lan;
  httpsPort: () => number;
  stops: Stops;
}

export async function serveFeatures(served: Served): Promise<Routes> {
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
  serveBoards(routes, { boards: features.boards, hostsOf: (session) => features.inventory.hostsOf(session) });
  serveServices(routes, {
    services: features.services,
    visible: (session, hostId) => features.inventory.visible(session, hostId),
  });
  serveProcesses(routes, {
    ask: (hostId) => gateway.askProcesses(hostId),
    visible: (session, hostId) => features.inventory.visible(session, hostId),
    now,
  });
  serveDescriptors(routes, descriptors);
  serveSettings(routes, state.settings, () => features.imaging.machine.seen.image !== undefined);
  serveMachine(routes, features.imaging);
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
  serveNetwork(routes, { network: features.network, now });
  serveAlertFeature(routes, state, features);
  serveCost(routes, {
    cost: features.cost,
    now,
    read: (query) => history.query(query),
    visible: (session, hostId) => inventory.visible(session, hostId),
  });
  serveTrail(routes, { trail: state.trail, words: wordsOf(table) });
  serveBackupsOf(routes, state, features);
  serveHealth(routes, {
    version: pkg.version,
    parts: partsOf(served),
  });
  serveAuditing(routes, served);
  await serveAgentsFeature(routes, served);
  return routes;
}

/** Hosts and their agents, which belong together at the API and nowhere else. */
function serveFleet(
  routes: Routes,
  { options, state, features, gateway }: Omit<Served, 'rooms' | 'lan' | 'httpsPort' | 'stops'>,
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
    holdings: (hostId) => ({
      series: history.seriesOf(hostId).length,
      span: history.spanOf(hostId),
      bytes: history.bytesOf(hostId),
    }),
    forget: (hostId) => history.forget(hostId),
  });
}

function serveAlertFeature(
  routes: Routes,
  { now, history, descriptors, settings }: State,
  { alerts, inventory, notifications, quiet }: Features,
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
  serveIncidents(routes, {
    quiet,
    now,
    hostsOf: (session) => inventory.hostsOf(session),
    visible: (session, hostId) => inventory.visible(session, hostId),
    zoneOf: (siteId) => settings.of('general', siteId).value.timeZone,
    openAlerts: (siteId) => alerts.book.all().filter((record) => record.siteId === siteId),
    changed: () => quiet.changed(),
  });
}

/** Tokens, joining by digits, and the agents that are in. */
async function serveAgentsFeature(
  routes: Routes,
  { options, state, features, gateway, lan, httpsPort, stops }: Served,
): Promise<void> {
  const { hub, now, certificates } = state;
  const { inventory, registry, tokens, joinDesk, rollOuts, jobs } = features;
  const mayOf = (hostId: string) => inventory.get(hostId)?.may;
  const installers = await openInstallers(options, features.imaging, { log: state.log, stops });
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
  const agents: AgentRouteParts = {
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
    mayOf,
    addressForOthers: (host) =>
      addressForOthers(host, [...(options.url ? [new URL(options.url).hostname] : []), ...ownAddresses()]),
    installers,
    httpsPort,
    pin: certificates.browserPin,
  };
  serveAgents(routes, agents);
  serveInstalling(routes, { state, features, agents, stops });
  rollOuts.connect({
    get releases() {
      return installers?.releases ?? [];
    },
    isConnected: (agentId) => gateway.isConnected(agentId),
    send: (agentId, order) => gateway.update(agentId, order),
  });
  serveRollOuts(routes, { registry, rollOuts, mayOf, carryOut: (by) => carryOutRollOuts(jobs, rollOuts, by) });
}

/** Has the job go on as long as there is something to do: one that was put on record while it was ending would wait for ever. */
export async function carryOutRollOuts(jobs: JobRunner, rollOuts: RollOuts, by: string): Promise<void> {
  const { id } = await jobs.start(ROLL_OUT_JOB, by);
  void jobs.ended(ROLL_OUT_JOB).then(async (run) => {
    if (rollOuts.isUnfinished && run?.id === id && run.state === 'done') await carryOutRollOuts(jobs, rollOuts, by);
  });
}

export function partsOf({ state, features, gateway, lan }: Pick<Served, 'state' | 'features' | 'gateway' | 'lan'>) {
  return healthParts({
    store: state.stores,
    quarantined: () => state.documents.quarantined,
    historyStorage: state.historyStorage,
    clockState: () => state.clock.state(),
    connectedAgents: () => gateway.connected,
    auditTrail: () => state.trail.state(),
    isOnLan: () => lan.presence !== undefined,
    heardAgents: () => lan.presence?.agents().length ?? 0,
    jobs: () => features.jobs.list(),
    image: () => imagePartOf(features.imaging.machine),
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
        store: { place: state.stores.place },
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
export function serveForPrograms(
  routes: Routes,
  {
    state,
    features,
    gateway,
    rooms,
    stops,
  }: Pick<Opening, 'state' | 'features' | 'stops'> & { gateway: Gateway; rooms: Rooms },
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

export interface Lan {
  /** Set when the LAN is joined. */
  presence?: Presence;
}
