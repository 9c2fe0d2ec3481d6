// The third stage of the start: sockets and listeners.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { Server } from 'socket.io';
import { AGENTS_NAMESPACE } from '../../protocol/agent-link.ts';
import { FRAME_LIMITS } from '../../protocol/frames.ts';
import { LIVE_NAMESPACE } from '../../protocol/live.ts';
import { routes as table } from '../../protocol/routes/index.ts';
import type { Access } from '../access/access.ts';
import { isOurHost, isOurOrigin, originOf, ownAddresses } from '../addresses.ts';
import { type AgentNamespace, Gateway } from '../agents/gateway.ts';
import type { Alerts } from '../alerts/alerts.ts';
import { asAlert } from '../alerts/documents.ts';
import type { OpenedHistory } from '../history/open.ts';
import { type Listeners, listen } from '../listen.ts';
import type { SiteAlerts } from '../live/alert-room.ts';
import type { LiveNamespace } from '../live/namespace.ts';
import { Rooms } from '../live/rooms.ts';
import type { ApplianceOptions } from '../options.ts';
import type { Routes } from '../serve.ts';
import { expectedOf } from '../services/services.ts';
import { makeWeb, type Web } from '../web.ts';
import type { Features, Opening, Watch } from './features.ts';
import { type Lan, serveFeatures, serveForPrograms } from './routes.ts';
import type { State } from './state.ts';

export interface Doors {
  gateway: Gateway;
  rooms: Rooms;
  listeners: Listeners;
  httpUrl: string;
  httpsUrl: string;
  lan: Lan;
}

/** Sockets, routes and listeners: from here on, the outside can come in. */
export async function openDoors({ options, state, features, stops }: Opening): Promise<Doors> {
  const { access } = features;
  const lan: Lan = {};
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
  const routes = await serveFeatures({
    options,
    state,
    features,
    gateway,
    rooms,
    lan,
    stops,
    httpsPort: () => ports.https,
  });
  serveForPrograms(routes, { state, features, gateway, rooms, stops });
  const app = openWeb({ options, state, access, routes, httpsPort: () => ports.https });
  const listeners = await listen(app, state.certificates, ports);
  stops.add('listeners', () => listeners.close());
  ports.https = listeners.httpsPort;
  io.attach(listeners.http);
  io.attach(listeners.https);
  const host = ownAddresses()[0] ?? 'localhost';
  const httpUrl = options.url ?? originOf('http', host, listeners.httpPort);
  state.reach.url = httpUrl.replace(/\/$/, '');
  return { gateway, rooms, listeners, lan, httpUrl, httpsUrl: originOf('https', host, listeners.httpsPort) };
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
        const { agentVersion: version, program } = said;
        if (record.version !== version || record.program !== program)
          await registry.change(agentId, { version, ...(program !== undefined && { program }) });
        features.rollOuts.came(agentId, version, said.failedUpdate);
      },
      intervalOf: (hostId) => inventory.intervalOf(hostId),
      servicesOf: (hostId) => expectedOf(inventory.get(hostId)),
      updating: ({ agentId }, message) => features.rollOuts.heard(agentId, message),
      found: ({ hostId }, services) => features.services.take(hostId, services, now()),
      powered: (frame) => features.cost.power.powered(frame),
    },
  });
  hub.on('host', ({ before, after }) => {
    if (before && after && before.intervalMs !== after.intervalMs) gateway.setInterval(after.id, after.intervalMs);
    if (!after) return;
    const services = expectedOf(after);
    if (JSON.stringify(services) !== JSON.stringify(expectedOf(before))) gateway.setServices(after.id, services);
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
  const { access, inventory, descriptors, alerts, auditing } = features;
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
    audits: auditing.feature.audits,
  });
  access.sessions.onEnd((sessionId, reason) => rooms.end(sessionId, reason));
  access.keys.onEnd((keyId) => rooms.end(keyId, 'site'));
  hub.on('settings', ({ section, siteId }) => (section === 'access' ? rooms.recheck(siteId) : undefined));
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

interface WebParts {
  options: ApplianceOptions;
  state: State;
  access: Access;
  routes: Routes;
  httpsPort: () => number;
}

function openWeb({ options, state, access, routes, httpsPort }: WebParts): Web {
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
      authenticate: ({ headers }, caller) => access.authenticate({ headers, ...caller }),
      audit: (entry) => hub.emit('audit', { at: now(), ...entry }),
    },
    httpsOnly: { isOn: () => state.settings.of('connection').value.httpsOnly, port: httpsPort },
    url: options.url,
    hosts: options.hosts,
    trustProxy: options.trustProxy,
    webDir: existsSync(webDir) ? webDir : undefined,
  });
}
