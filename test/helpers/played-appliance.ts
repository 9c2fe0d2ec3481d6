import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type Express } from 'express';
import { type Namespace, Server } from 'socket.io';
import { z } from 'zod';
import { collectors } from '../../agent/collectors/index.ts';
import { formsFor } from '../../appliance/hosts/forms.ts';
import type { Alert, Transition } from '../../protocol/alerts.ts';
import type { Host, HostKind } from '../../protocol/hosts.ts';
import type {
  ApplianceToDashboard,
  DashboardToAppliance,
  FleetState,
  LiveFrame,
  LiveSeries,
} from '../../protocol/live.ts';
import { descriptor } from '../../protocol/metrics.ts';
import { PROBLEMS, type ProblemCode } from '../../protocol/problem.ts';
import { ownerForm, signIn } from '../../protocol/routes/access.ts';
import { HISTORY_MEDIA_TYPE } from '../../protocol/routes/history.ts';
import { playedHistory } from './played-history.ts';

/** What a played route answers: a value, or a status with a body. */
export type Reply = { status: number; body: unknown };
type Texts = Record<string, string>;
type Handler = (request: { params: Texts; query: Texts; body: unknown }) => unknown;
/** In the place of the fleet; undefined lets the fleet through. */
type Refusal = { ok: false; code: string; message: string } | undefined;

/** An appliance that plays what a test says: real HTTP, real Socket.IO, the real content security policy, no logic. */
export interface PlayedAppliance {
  readonly url: string;
  /** Answers by `METHOD /path/:param`; a test replaces what it wants to be otherwise. */
  readonly answers: Map<string, Handler>;
  readonly asked: { key: string; params: Texts; query: Texts; body: unknown }[];
  readonly fleet: FleetState;
  /** Every alert that there is. */
  readonly alerts: Alert[];
  /** Who is signed in. */
  readonly session: typeof SESSION;
  /** What stands between a dashboard and the fleet: a wait, a refusal. */
  readonly loads: { answer: () => Refusal | Promise<Refusal> };
  /** Hosts that are being watched. */
  readonly watched: Set<string>;
  emit<E extends keyof ApplianceToDashboard>(event: E, ...args: Parameters<ApplianceToDashboard[E]>): void;
  /** Replaces a host and tells every dashboard. */
  tell(host: Host): void;
  /** Replaces an alert and tells every dashboard what happened. */
  tellAlert(alert: Alert, news: Transition): void;
  /** Cuts all live sockets, as an outage does; new ones are refused until `restore`. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

/** A problem as the appliance answers it. */
export const problem = (code: ProblemCode, rest: Record<string, unknown> = {}): Reply => ({
  status: PROBLEMS[code].status,
  body: { type: 'about:blank', code, status: PROBLEMS[code].status, title: PROBLEMS[code].title, ...rest },
});

export const isReply = (value: unknown): value is Reply =>
  typeof value === 'object' && value !== null && 'status' in value && 'body' in value;

const SESSION = {
  kind: 'user',
  userId: '0190a000-0000-7000-8000-000000000001',
  userName: 'owner',
  role: 'admin',
  siteId: '0190a000-0000-7000-8000-000000000002',
  siteName: 'Home',
  sites: [{ id: '0190a000-0000-7000-8000-000000000002', name: 'Home', role: 'admin' }],
  expiresAt: Date.now() + 86_400_000,
};

/** A host as the API tells of it. */
export function playedHost(index: number, name: string, rest: Partial<Host> = {}): Host {
  return {
    id: `0190a000-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`,
    siteId: SESSION.siteId,
    rev: 1,
    name,
    kind: 'agent',
    isAppliance: false,
    tags: [],
    intervalMs: 5_000,
    facts: {
      hostName: name,
      platform: 'linux',
      os: 'Debian 13',
      kernel: '6.12',
      architecture: 'x64',
      cpuCores: 4,
      memoryBytes: 16 * 2 ** 30,
      addresses: [`192.168.1.${index}`],
      macs: ['02:00:00:00:00:01'],
      bootAt: Date.now() - 42 * 86_400_000,
    },
    agentVersion: '0.1.0',
    status: 'online',
    statusReason: 'Reports every 5 s.',
    statusAt: Date.now() - 60_000,
    lastSeenAt: Date.now(),
    notes: [],
    createdAt: Date.now() - 86_400_000,
    ...rest,
  };
}

const direction = (interfaceName: string, way: string) => ({
  'network.interface.name': interfaceName,
  'network.io.direction': way,
});
const mount = (mountpoint: string) => ({ 'system.filesystem.mountpoint': mountpoint });

/** Series of every played host, ids in order. */
export const PLAYED_SERIES: readonly LiveSeries[] = (
  [
    ['system.cpu.utilization', {}],
    ['system.memory.utilization', {}],
    ['system.filesystem.utilization', mount('/')],
    ['system.filesystem.utilization', mount('/srv')],
    ['system.filesystem.usage', { ...mount('/srv'), 'system.filesystem.state': 'used' }],
    ['system.filesystem.limit', mount('/srv')],
    ['system.network.receive.rate', {}],
    ['system.network.transmit.rate', {}],
    ['system.network.io.rate', direction('eth0', 'receive')],
    ['system.network.io.rate', direction('eth0', 'transmit')],
    ...Array.from({ length: 10 }, (_, core) => ['system.cpu.core.utilization', { 'cpu.logical_number': String(core) }]),
    ['system.cpu.mode.utilization', { 'cpu.mode': 'user' }],
    ['system.cpu.mode.utilization', { 'cpu.mode': 'system' }],
  ] as [string, Record<string, string>][]
).map(([metric, attributes], id) => ({ id, metric, attributes }));

/** Values of all played series, the processor at `cpu`. */
export const playedValues = (cpu: number): number[] =>
  PLAYED_SERIES.flatMap(({ id, metric }) => {
    if (metric.endsWith('limit')) return [id, 2e12];
    if (metric.endsWith('usage')) return [id, 1.64e12];
    if (metric.endsWith('rate')) return [id, 1_000_000];
    return [id, id === 3 ? 0.82 : cpu];
  });

/** How many of them a card needs. */
const CARD_SERIES = 8;

/** One frame of a played host with the processor at 10 %. */
export const playedFrame = (hostId: string, at = Date.now(), cpu = 0.1): LiveFrame => ({
  hostId,
  at,
  grade: 'durable',
  late: false,
  values: playedValues(cpu),
});

function defaults({ fleet, alerts }: Pick<PlayedAppliance, 'fleet' | 'alerts'>): [string, Handler][] {
  const schemas = { owner: ownerForm, 'sign-in': signIn.body };
  let preferences: unknown = {};
  const hostOf = (id: string | undefined) => fleet.hosts.find((host) => host.id === id);
  const agent = (host: Host, rest = {}) => ({
    id: host.id.replace('0001', '0002'),
    hostId: host.id,
    hostName: host.name,
    state: 'active',
    version: '0.1.0',
    pairedAt: host.createdAt,
    connected: host.status === 'online',
    by: 'token',
    update: 'current',
    ...rest,
  });
  return [
    ['GET /api/v1/entry', () => ({ version: '0.1.0', setUp: true, session: SESSION })],
    [
      'GET /api/v1/forms/:form',
      ({ params }) => z.toJSONSchema(schemas[params.form as keyof typeof schemas], { io: 'input' }),
    ],
    ['POST /api/v1/session', () => ({ status: 201, body: SESSION })],
    ['POST /api/v1/setup/owner', () => ({ status: 201, body: SESSION })],
    ['DELETE /api/v1/session', () => null],
    ['GET /api/v1/account/preferences', () => preferences],
    [
      'PUT /api/v1/account/preferences',
      ({ body }) => {
        preferences = body;
        return body;
      },
    ],
    [
      'GET /api/v1/metrics/descriptors',
      () => collectors.flatMap(({ descriptors }) => descriptors.map((each) => descriptor.parse(each))),
    ],
    ['GET /api/v1/hosts/:hostId/services', () => ({ items: [] })],
    ['GET /api/v1/history', ({ query }) => playedHistory(PLAYED_SERIES, query)],
    ...alertAnswers(alerts),
    ['GET /api/v1/agents', () => ({ items: fleet.hosts.map((host) => agent(host)) })],
    ['GET /api/v1/agents/discovered', () => ({ items: [] })],
    ['GET /api/v1/agents/roll-outs', () => ({ items: [] })],
    ['POST /api/v1/agents/roll-outs', () => problem('invalid-request')],
    ['GET /api/v1/agents/joins', () => ({ items: [] })],
    ['POST /api/v1/agents/joins/:joinRequestId/accept', () => playedJoin('accepted')],
    ['POST /api/v1/agents/joins/:joinRequestId/refuse', () => null],
    ['GET /api/v1/agents/tokens', () => ({ items: [] })],
    ['PATCH /api/v1/hosts/:hostId', ({ params, body }) => ({ ...hostOf(params.hostId), ...(body as object), rev: 2 })],
    ['DELETE /api/v1/hosts/:hostId', () => null],
    ['GET /api/v1/host-form', ({ query }) => formsFor((query.kind ?? 'agent') as HostKind, fleet.hosts)],
    [
      'GET /api/v1/host-removal',
      ({ query }) => ({ items: (query.ids ?? '').split(',').map((id) => playedBelongings(hostOf(id))) }),
    ],
    ['PATCH /api/v1/hosts', () => ({ items: [], changed: 0, failed: 0 })],
    ['DELETE /api/v1/hosts', () => ({ items: [], removed: 0, failed: 0 })],
    ['POST /api/v1/hosts/:hostId/same-as', ({ params }) => hostOf(params.hostId)],
    ['POST /api/v1/agents/:agentId/revoke', ({ params }) => ({ id: params.agentId, state: 'revoked' })],
    ['POST /api/v1/agents/:agentId/release', ({ params }) => ({ id: params.agentId, state: 'active' })],
    ['POST /api/v1/agents/tokens', () => ({ status: 201, body: playedToken('open') })],
    ['GET /api/v1/agents/tokens/:tokenId', () => playedToken('open')],
    ['DELETE /api/v1/agents/tokens/:tokenId', () => null],
  ];
}

const headOf = ({ transitions: _, ...head }: Alert) => head;

/** Alerts by the filters that tests ask for; who acts on one gets it back as it is. */
function alertAnswers(alerts: Alert[]): [string, Handler][] {
  const one: Handler = ({ params }) => alerts.find(({ id }) => id === params.alertId) ?? problem('not-found');
  const fits = (alert: Alert, { hostId, status, severity }: Texts): boolean =>
    (hostId === undefined || alert.hostId === hostId) &&
    (severity === undefined || alert.severity === severity) &&
    (status === undefined || alert.status === status || (status === 'active' && alert.status !== 'resolved'));
  return [
    ['GET /api/v1/alerts', ({ query }) => ({ items: alerts.filter((alert) => fits(alert, query)) })],
    ['GET /api/v1/pending-alerts', () => []],
    ['GET /api/v1/alert-rules', () => ({ items: [] })],
    ['GET /api/v1/notifications', () => ({ items: [] })],
    ['GET /api/v1/audit-trail', () => ({ items: [] })],
    ['GET /api/v1/alerts/:alertId', one],
    ['POST /api/v1/alerts/:alertId/acknowledge', one],
    ['POST /api/v1/alerts/:alertId/resolve', one],
    ['POST /api/v1/alerts/:alertId/comments', one],
    ['POST /api/v1/alerts/:alertId/snooze', one],
  ];
}

/** What goes with a played host. */
const playedBelongings = (host: Host | undefined) => ({
  id: host?.id,
  name: host?.name,
  isOwnMachine: false,
  agents: 1,
  tokens: 0,
  series: PLAYED_SERIES.length,
  bytes: 2_345_678,
  oldestAt: Date.now() - 30 * 86_400_000,
  newestAt: Date.now(),
});

/** An agent that asks to join. */
export const playedJoin = (state: string, rest = {}) => ({
  id: '0190a000-0000-7000-8000-000000000301',
  name: 'nuc-7',
  version: '0.1.0',
  address: '192.168.1.77',
  askedAt: Date.now() - 60_000,
  expiresAt: Date.now() + 540_000,
  state,
  triesLeft: 3,
  ...rest,
});

/** A one-time token as the API tells of it. */
export const playedToken = (state: string, rest = {}) => ({
  tokenId: 'ABCDEFGH',
  createdAt: Date.now(),
  expiresAt: Date.now() + 900_000,
  state,
  uses: { count: 0, most: 1 },
  wrongTries: 0,
  token: 'RV-ABCD',
  commands: [
    { platform: 'linux', title: 'Linux', command: 'curl -fsSk https://hub/agent.cjs && node agent.cjs' },
    { platform: 'win32', title: 'Windows', command: 'powershell -c "…"' },
  ],
  ...rest,
});

const CSP = "default-src 'self';img-src 'self' data: blob:;object-src 'none';base-uri 'none';form-action 'self'";

function fleetOf(hosts: Host[]): FleetState {
  const at = Date.now();
  return {
    at,
    hosts,
    series: Object.fromEntries(hosts.map(({ id }) => [id, PLAYED_SERIES.slice(0, CARD_SERIES)])),
    frames: hosts.map(({ id, lastSeenAt = at }) => playedFrame(id, lastSeenAt)),
  };
}

/** The routes, then the dashboard for every page's address. */
function playRoutes(played: Pick<PlayedAppliance, 'answers' | 'asked'>, webDir: string): Express {
  const app = express();
  app.use((_request, response, next) => {
    response.setHeader('content-security-policy', CSP);
    next();
  });
  app.use(express.json());
  for (const key of played.answers.keys()) {
    const [method = 'GET', path = '/'] = key.split(' ');
    app[method.toLowerCase() as 'get'](path, async (request, response) => {
      const { params, query, body } = request as { params: Texts; query: Texts; body: unknown };
      played.asked.push({ key, params, query, body });
      const said = await played.answers.get(key)?.({ params, query, body });
      if (said instanceof Buffer) return void response.type(HISTORY_MEDIA_TYPE).send(said);
      const reply = isReply(said) ? said : { status: said === null ? 204 : 200, body: said };
      response.status(reply.status).type(reply.status < 400 ? 'application/json' : 'application/problem+json');
      response.send(reply.status === 204 ? undefined : JSON.stringify(reply.body));
    });
  }
  app.use(express.static(webDir));
  app.use((_request, response) => response.sendFile(join(webDir, 'index.html')));
  return app;
}

type Room = Namespace<DashboardToAppliance, ApplianceToDashboard>;

type Played = Pick<PlayedAppliance, 'fleet' | 'watched' | 'loads' | 'alerts'>;

function playLive(room: Room, { fleet, watched, loads, alerts }: Played): void {
  room.on('connection', (socket) => {
    socket.on('fleet', async (_message, reply) => {
      const refusal = await loads.answer();
      reply(refusal ?? { ok: true, value: { ...fleet, at: Date.now() } });
    });
    socket.on('alerts', (_message, reply) => {
      const active = alerts.filter(({ status }) => status !== 'resolved').map(headOf);
      const recent = alerts.toSorted((a, b) => b.firedAt - a.firedAt).map(headOf);
      reply({ ok: true, value: { at: Date.now(), active, recent } });
    });
    socket.on('audits', (_message, reply) => reply({ ok: true, value: { at: Date.now(), running: [] } }));
    socket.on('unwatch', ({ hostId }, reply) => {
      watched.delete(hostId);
      reply({ ok: true, value: null });
    });
    socket.on('watch', ({ hostId }, reply) => {
      watched.add(hostId);
      const { lastSeenAt = Date.now(), status } = fleet.hosts.find(({ id }) => id === hostId) ?? {};
      const frame = playedFrame(hostId, status === 'online' ? Date.now() : lastSeenAt);
      reply({ ok: true, value: { at: Date.now(), series: [...PLAYED_SERIES], frame } });
    });
  });
}

/** Plays an appliance at a free port of loopback; the dashboard comes from `webDir`. */
export async function playAppliance(webDir: string, hosts: Host[]): Promise<PlayedAppliance> {
  const fleet = fleetOf(hosts);
  const alerts: Alert[] = [];
  const shared = {
    fleet,
    alerts,
    session: SESSION,
    answers: new Map(defaults({ fleet, alerts })),
    asked: [],
    watched: new Set<string>(),
    loads: { answer: () => undefined },
  };
  const server = createServer(playRoutes(shared, webDir));
  const sockets = new Server<DashboardToAppliance, ApplianceToDashboard>(server, { serveClient: false });
  const room = sockets.of('/live');
  let isCut = false;
  // Refused before Socket.IO, as by a network that is away: a refusal of the room itself would say that the session is over.
  sockets.engine.opts.allowRequest = (_request, done) => done(isCut ? 'cut' : null, !isCut);
  playLive(room, shared);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...shared,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    emit: (event, ...args) => void room.emit(event, ...(args as never)),
    tell: (host) => {
      const at = fleet.hosts.findIndex(({ id }) => id === host.id);
      fleet.hosts.splice(at < 0 ? fleet.hosts.length : at, 1, host);
      room.emit('host', host);
    },
    tellAlert: (alert, news) => {
      const at = alerts.findIndex(({ id }) => id === alert.id);
      alerts.splice(at < 0 ? alerts.length : at, 1, alert);
      room.emit('alert', { alert: headOf(alert), news });
    },
    cut: () => {
      isCut = true;
      for (const socket of room.sockets.values()) socket.conn.close();
    },
    restore: () => {
      isCut = false;
    },
    close: () => sockets.close(),
  };
}
