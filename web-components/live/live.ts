import { io } from 'socket.io-client';
import type { LIVE_NAMESPACE } from '../../protocol/live.ts';
import { AlertMarks } from '../alerts/marks.ts';
import { call } from '../rest.ts';
import { AlertStore } from './alerts.ts';
import { AuditStore } from './audits.ts';
import { Connection } from './connection.ts';
import { Descriptors } from './descriptors.ts';
import { FleetStore } from './fleet.ts';
import { HostStore } from './host.ts';
import { Observable } from './observable.ts';

const NAMESPACE: typeof LIVE_NAMESPACE = '/live';

/** Whether charts move. Paused ones stand still; what comes in meanwhile is kept. */
class LiveSwitch extends Observable {
  #pausedAt: number | undefined;

  get pausedAt(): number | undefined {
    return this.#pausedAt;
  }

  /** Stops all charts at `now`, or lets them run again. */
  toggle(now: number): void {
    this.#pausedAt = this.#pausedAt === undefined ? now : undefined;
    this.changed();
  }
}

/** Everything that is live, over one socket. */
export class Live {
  readonly connection: Connection;
  readonly descriptors: Descriptors;
  readonly fleet: FleetStore;
  readonly alerts: AlertStore;
  readonly alertMarks: AlertMarks;
  readonly audits: AuditStore;
  readonly switch = new LiveSwitch();
  readonly #hosts = new Map<string, HostStore>();

  constructor(connection: Connection) {
    this.connection = connection;
    this.descriptors = new Descriptors(connection, () => call('GET /api/v1/metrics/descriptors'));
    this.alerts = new AlertStore(connection);
    this.audits = new AuditStore(connection);
    this.fleet = new FleetStore(connection, this.descriptors, Date.now);
    this.alertMarks = new AlertMarks({
      read: async (query) => (await call('GET /api/v1/alerts', { query })).items,
      onTold: (listener) => this.alerts.onTold(listener),
      now: () => this.fleet.now(),
    });
  }

  /** The host's store, the same for everybody who asks. */
  host(hostId: string): HostStore {
    const store = this.#hosts.get(hostId) ?? new HostStore(hostId, this.connection, document);
    this.#hosts.set(hostId, store);
    return store;
  }
}

let current: Live | undefined;

/** The session's live data; begins with the first call. Polling is tried when a proxy stops web sockets. */
export function live(): Live {
  if (current) return current;
  const socket = io(NAMESPACE, {
    autoConnect: false,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
  });
  current = new Live(new Connection(socket, Date.now));
  current.connection.start();
  return current;
}

/** Closes the socket and forgets everything: the session is over. */
export function endLive(): void {
  current?.connection.stop();
  current = undefined;
}
