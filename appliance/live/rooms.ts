// Over 250 lines, because what every dashboard may hear of, and when, is to be read in one place.
import type { IncomingHttpHeaders } from 'node:http';
import type { Host } from '../../protocol/hosts.ts';
import { type FleetState, type HostState, type LiveFrame, type LiveSeries, liveEvents } from '../../protocol/live.ts';
import { checked } from '../guard.ts';
import type { FrameEvent, Hub } from '../hub.ts';
import type { Logger } from '../log.ts';
import { Problem, storageProblem } from '../problem.ts';
import { RateLimit } from '../rate-limit.ts';
import { mayDo, type Session } from '../session.ts';
import { StorageError } from '../store/errors.ts';
import { AlertRoom, type SiteAlerts } from './alert-room.ts';
import { AuditRoom, type SiteAudits } from './audit-room.ts';
import type { DashboardSocket, LiveNamespace } from './namespace.ts';

/** What the rooms need of the other features; `main.ts` hands it in. */
export interface LiveParts {
  namespace: LiveNamespace;
  hub: Hub;
  log: Logger;
  now: () => number;
  authenticate(shown: { headers: IncomingHttpHeaders; secure: boolean; from: string }): Session | undefined;
  hostsOf(session: Session): Host[];
  visible(session: Session, hostId: string): Host;
  seriesOf(hostId: string): readonly LiveSeries[];
  /** Where the metric stands on the host card, if it does. */
  cardOf(siteId: string, metric: string): string | undefined;
  /** Asks the host's agent for samples at 1 s. */
  askWatch(hostId: string): void;
  alerts: SiteAlerts;
  audits: SiteAudits;
}

const fleetRoom = (siteId: string): string => `fleet:${siteId}`;
/** Whoever may hear of what belongs to the whole appliance. */
const OWNERS = 'owners';
const hostRoom = (hostId: string): string => `host:${hostId}`;
const MESSAGES_PER_SECOND = 20;
/** Five minutes at the usual 5 s. */
const TREND_FRAMES = 60;

/** Sends each dashboard what it looks at: the fleet's cards and changes, and whole frames of hosts whose page is open. */
export class Rooms {
  readonly #parts: LiveParts;
  readonly #alerts: AlertRoom;
  readonly #audits: AuditRoom;
  /** Newest durable frame of each host, for whoever opens a page now. */
  readonly #newest = new Map<string, LiveFrame>();
  /** Hosts that have sent a frame of their own: what a meter says of them stands in no place of it. */
  readonly #own = new Set<string>();
  /** The processor's last values of each host, so that a card shows its trend at once. */
  readonly #trends = new Map<string, LiveFrame[]>();

  constructor(parts: LiveParts) {
    this.#parts = parts;
    const { namespace, hub } = parts;
    this.#alerts = new AlertRoom(parts);
    this.#audits = new AuditRoom(parts);
    namespace.use((socket, next) => this.#authenticate(socket, next));
    namespace.on('connection', (socket) => this.#listen(socket));
    hub.on('frame', (frame) => this.#frame(frame));
    hub.on('host', ({ before, after }) => this.#host(before, after));
    hub.on(
      'descriptors',
      ({ siteId, descriptors }) => void namespace.to(fleetRoom(siteId)).emit('descriptors', descriptors),
    );
    hub.on('job', ({ run }) => void namespace.to(OWNERS).emit('job', run));
    hub.on('series', ({ siteId, hostId, series }) => {
      namespace.to(hostRoom(hostId)).emit('series', { hostId, series });
      namespace.to(fleetRoom(siteId)).emit('series', { hostId, series: this.#cards(siteId, series) });
    });
  }

  get watchers(): number {
    return this.#parts.namespace.sockets.size;
  }

  /** Closes every socket of a session that was ended, or whose site or role is another now. */
  end(sessionId: string, reason: 'signed-out' | 'site' = 'signed-out'): void {
    for (const socket of this.#parts.namespace.sockets.values()) {
      if (socket.data.session.id !== sessionId) continue;
      socket.emit('ended', reason);
      socket.disconnect(true);
    }
  }

  /** Closes the sockets of a site on which the role is another now, as after its operators may only view. */
  recheck(siteId: string): void {
    for (const socket of this.#parts.namespace.sockets.values()) {
      const { session } = socket.data;
      if (session.siteId === siteId && this.#sessionOf(socket)?.role !== session.role) this.end(session.id, 'site');
    }
  }

  #sessionOf(socket: DashboardSocket): Session | undefined {
    const { secure, address } = socket.handshake;
    const from = address.replace(/^::ffff:/, '');
    return this.#parts.authenticate({ headers: socket.request.headers, secure, from });
  }

  /** Closes the sockets of sessions that have expired; to be called about once a minute. */
  endExpired(now: number): void {
    for (const socket of this.#parts.namespace.sockets.values()) {
      if (socket.data.session.expiresAt <= now) this.end(socket.data.session.id);
    }
  }

  /** Says where lists that dashboards read changed; to be called about once a second. */
  tellLists(): void {
    this.#alerts.tellLists();
  }

  #authenticate(socket: DashboardSocket, next: (error?: Error) => void): void {
    try {
      const session = this.#sessionOf(socket);
      if (session) socket.data.session = session;
      next(session ? undefined : new Error('not-signed-in'));
    } catch (error) {
      this.#parts.log.error({ err: error }, 'a dashboard could not be let in');
      next(new Error('internal-error'));
    }
  }

  #listen(socket: DashboardSocket): void {
    if (mayDo(socket.data.session, 'owner')) void socket.join(OWNERS);
    const limit = new RateLimit(MESSAGES_PER_SECOND, 1_000);
    const refused = {
      note: (error: unknown) => this.#parts.log.debug({ reason: String(error) }, 'live message refused'),
      answer: refusalOf,
    };
    const limited =
      <M, R>(handle: (message: M) => R) =>
      (message: M): R => {
        if (!limit.take('', performance.now())) throw new Problem('too-many-requests');
        return handle(message);
      };
    socket.on(
      'fleet',
      checked(
        liveEvents.fleet.message,
        refused,
        limited(() => this.#fleet(socket)),
      ),
    );
    socket.on(
      'watch',
      checked(
        liveEvents.watch.message,
        refused,
        limited(({ hostId }) => this.#watch(socket, hostId)),
      ),
    );
    socket.on(
      'unwatch',
      checked(
        liveEvents.unwatch.message,
        refused,
        limited(({ hostId }) => this.#unwatch(socket, hostId)),
      ),
    );
    socket.on(
      'alerts',
      checked(
        liveEvents.alerts.message,
        refused,
        limited(() => this.#alerts.join(socket, socket.data.session.siteId, this.#parts.now())),
      ),
    );
    socket.on(
      'audits',
      checked(
        liveEvents.audits.message,
        refused,
        limited(() => this.#audits.join(socket, socket.data.session.siteId, this.#parts.now())),
      ),
    );
  }

  #fleet(socket: DashboardSocket): FleetState {
    const { session } = socket.data;
    void socket.join(fleetRoom(session.siteId));
    const hosts = this.#parts.hostsOf(session);
    const series: Record<string, LiveSeries[]> = {};
    for (const { id, siteId } of hosts) series[id] = this.#cards(siteId, this.#parts.seriesOf(id));
    const frames = hosts.flatMap(({ id, siteId }) => {
      const newest = this.#newest.get(id);
      return newest ? [...(this.#trends.get(id) ?? []), this.#cardFrame(newest, siteId)] : [];
    });
    return { at: this.#parts.now(), hosts, series, frames };
  }

  #watch(socket: DashboardSocket, hostId: string): HostState {
    const host = this.#parts.visible(socket.data.session, hostId);
    void socket.join(hostRoom(host.id));
    this.#parts.askWatch(host.id);
    const frame = this.#newest.get(host.id);
    return { at: this.#parts.now(), series: [...this.#parts.seriesOf(host.id)], ...(frame && { frame }) };
  }

  #unwatch(socket: DashboardSocket, hostId: string): null {
    void socket.leave(hostRoom(hostId));
    return null;
  }

  #frame(event: FrameEvent): void {
    const { siteId, hostId, at, grade, late, isAside = false } = event;
    if (!isAside) this.#own.add(hostId);
    const isPart = isAside && this.#own.has(hostId);
    const frame: LiveFrame = { hostId, at, grade, late, values: pairs(event) };
    if (grade === 'durable' && !late && !isPart) {
      this.#newest.set(hostId, frame);
      this.#follow(event);
    }
    const { namespace } = this.#parts;
    if (namespace.adapter.rooms.has(hostRoom(hostId))) namespace.to(hostRoom(hostId)).emit('frame', frame);
    if (grade === 'watch' || late || isPart || !namespace.adapter.rooms.has(fleetRoom(siteId))) return;
    namespace.to(fleetRoom(siteId)).emit('card', { ...frame, values: this.#cardValues(event) });
  }

  #follow({ siteId, hostId, at, series, values }: FrameEvent): void {
    const n = series.findIndex(({ metric }) => this.#parts.cardOf(siteId, metric) === 'cpu');
    const cpu = series[n];
    if (!cpu) return;
    const trend = this.#trends.get(hostId) ?? [];
    trend.push({ hostId, at, grade: 'durable', late: false, values: [cpu.id, values[n] ?? null] });
    if (trend.length > TREND_FRAMES) trend.shift();
    this.#trends.set(hostId, trend);
  }

  #isCard(siteId: string, metric: string): boolean {
    return this.#parts.cardOf(siteId, metric) !== undefined;
  }

  #host(before: Host | undefined, after: Host | undefined): void {
    const { namespace } = this.#parts;
    if (after) namespace.to(fleetRoom(after.siteId)).emit('host', after);
    else if (before) {
      this.#newest.delete(before.id);
      this.#own.delete(before.id);
      this.#trends.delete(before.id);
      namespace.to(fleetRoom(before.siteId)).emit('hostRemoved', { hostId: before.id });
    }
  }

  #cards(siteId: string, series: readonly LiveSeries[]): LiveSeries[] {
    return series.filter(({ metric }) => this.#isCard(siteId, metric));
  }

  #cardValues({ siteId, series, values }: FrameEvent): (number | null)[] {
    return series.flatMap(({ id, metric }, n) => (this.#isCard(siteId, metric) ? [id, values[n] ?? null] : []));
  }

  #cardFrame(frame: LiveFrame, siteId: string): LiveFrame {
    const ids = new Set(this.#cards(siteId, this.#parts.seriesOf(frame.hostId)).map(({ id }) => id));
    const values: (number | null)[] = [];
    for (let i = 0; i < frame.values.length; i += 2) {
      const id = frame.values[i] ?? -1;
      if (ids.has(id)) values.push(id, frame.values[i + 1] ?? null);
    }
    return { ...frame, values };
  }
}

function pairs({ series, values }: FrameEvent): (number | null)[] {
  return series.flatMap(({ id }, n) => [id, values[n] ?? null]);
}

function refusalOf(error: unknown) {
  const known = error instanceof StorageError ? storageProblem() : error;
  return {
    ok: false,
    code: known instanceof Problem ? known.code : 'invalid-request',
    message: known instanceof Error ? known.message : '',
  };
}
