import type { AlertHead } from '../../protocol/live.ts';
import type { Marker } from '../charts/marks.ts';
import { Observable } from '../live/observable.ts';
import { severityLevel, severityWord } from '../severity.ts';
import { clockTime } from '../times.ts';

/** More than a chart has room for. */
const MOST = 500;
/** A stretch is asked for a little longer than it is, so that one that moves on needs no second question. */
const AHEAD = 0.1;
/** A stretch that ends so near now goes on with time. */
const OPEN_WITHIN_MS = 60_000;
const NONE: readonly Marker[] = [];

interface Stretch {
  from: number;
  to: number;
}

interface Known extends Stretch {
  alerts: readonly AlertHead[];
  /** The same list while the alerts are. */
  markers: readonly Marker[] | undefined;
}

interface Parts {
  read(query: { hostId: string; from: number; to?: number; limit: number }): Promise<readonly AlertHead[]>;
  onTold(listener: (told: { alert: AlertHead }) => void): () => void;
  now(): number;
}

/** Alerts as marks for the charts of hosts: one question for all charts of a host, kept up to date by what is told. */
export class AlertMarks extends Observable {
  readonly #parts: Parts;
  readonly #known = new Map<string, Known>();

  constructor(parts: Parts) {
    super();
    this.#parts = parts;
    parts.onTold(({ alert }) => this.#hear(alert));
  }

  /** What is known of a stretch; reads it when it is not. A stretch that ends now or later goes on with time. */
  of(hostId: string, { from, to }: Stretch): readonly Marker[] {
    const known = this.#known.get(hostId);
    if (known && known.from <= from && known.to >= to) {
      known.markers ??= known.alerts.map(markerOf);
      return known.markers;
    }
    const isOpen = to >= this.#parts.now() - OPEN_WITHIN_MS;
    // What one chart asked for stays for the others, so that two with other ranges do not ask in turns.
    const wanted = {
      from: Math.min(known?.from ?? from, Math.floor(from - (to - from) * AHEAD)),
      to: Math.max(known?.to ?? 0, isOpen ? Number.POSITIVE_INFINITY : Math.ceil(to)),
    };
    // Charts ask with every frame: the question stands as asked until its answer comes.
    const next = { ...wanted, alerts: known?.alerts ?? [], markers: known?.markers };
    this.#known.set(hostId, next);
    void this.#read(hostId, wanted);
    return next.markers ?? NONE;
  }

  async #read(hostId: string, { from, to }: Stretch): Promise<void> {
    const query = { hostId, from, limit: MOST, ...(Number.isFinite(to) && { to }) };
    // Without marks the chart is still a chart; the next visit asks again.
    const alerts = await this.#parts.read(query).catch(() => undefined);
    const known = this.#known.get(hostId);
    if (!alerts || known?.from !== from || known.to !== to) return;
    const ids = new Set(alerts.map(({ id }) => id));
    this.#known.set(hostId, {
      from,
      to,
      alerts: [...known.alerts.filter(({ id }) => !ids.has(id)), ...alerts],
      markers: undefined,
    });
    this.changed();
  }

  #hear(alert: AlertHead): void {
    const known = alert.hostId === undefined ? undefined : this.#known.get(alert.hostId);
    if (!known || alert.hostId === undefined || alert.firedAt < known.from || alert.firedAt > known.to) return;
    const others = known.alerts.filter(({ id }) => id !== alert.id);
    this.#known.set(alert.hostId, { ...known, alerts: [...others, alert], markers: undefined });
    this.changed();
  }
}

const markerOf = ({ id, hostId, severity, title, firedAt }: AlertHead): Marker => ({
  at: firedAt,
  text: `${severityWord(severity)}: ${title}, ${clockTime(firedAt)}`,
  level: severityLevel(severity),
  href: `/alerts/${id}`,
  listHref: `/alerts?view=history&host=${hostId}`,
});
