import type { AlertHead, AlertNews, AlertsState } from '../../protocol/live.ts';
import type { Connection } from './connection.ts';
import { Observable } from './observable.ts';

/** What happened to an alert, as the appliance tells it. */
export interface AlertTold {
  alert: AlertHead;
  news: AlertNews;
}

/** As many as the appliance answers with. */
const MOST_RECENT = 20;
const NONE: readonly AlertHead[] = [];

/** The alerts of the session's site: all that are active and the last that fired. Asked anew after each reconnect, then kept by events. */
export class AlertStore extends Observable {
  readonly #connection: Connection;
  readonly #told = new Set<(told: AlertTold) => void>();
  readonly #pendingHeard = new Set<() => void>();
  readonly #deliveriesHeard = new Set<() => void>();
  #active = new Map<string, AlertHead>();
  #recent: readonly AlertHead[] = NONE;
  #byHost: Map<string, AlertHead[]> | undefined;
  #sorted: readonly AlertHead[] | undefined;
  /** Heard while the answer is awaited, which may be older. */
  #meanwhile: AlertHead[] | undefined;
  #isLoaded = false;
  #failure: Error | undefined;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    connection.on('alert', (told) => this.#hear(told));
    connection.on('pending', () => {
      for (const each of [...this.#pendingHeard]) each();
    });
    connection.on('deliveries', () => this.#deliveriesChanged());
    connection.onConnect(() => {
      void this.#load();
      this.#deliveriesChanged(); // What was told meanwhile is not told again.
    });
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Why the alerts could not be read, until they can. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Open or acknowledged, the one that fired last first. */
  get active(): readonly AlertHead[] {
    this.#sorted ??= [...this.#active.values()].sort(newestFirst);
    return this.#sorted;
  }

  /** The last ones that fired, whatever became of them. */
  get recent(): readonly AlertHead[] {
    return this.#recent;
  }

  get(alertId: string): AlertHead | undefined {
    return this.#active.get(alertId) ?? this.#recent.find(({ id }) => id === alertId);
  }

  /** The active ones of a host, the one that fired last first. */
  of(hostId: string): readonly AlertHead[] {
    this.#byHost ??= grouped(this.active);
    return this.#byHost.get(hostId) ?? NONE;
  }

  /** The same, undefined while the alerts are not known. */
  known(hostId: string): readonly AlertHead[] | undefined {
    return this.#isLoaded ? this.of(hostId) : undefined;
  }

  /** Calls `listener` with everything that happens to an alert; the answer takes it off again. */
  onTold(listener: (told: AlertTold) => void): () => void {
    this.#told.add(listener);
    return () => void this.#told.delete(listener);
  }

  /** Calls `listener` when the list of pending ones is another; the answer takes it off again. */
  onPending(listener: () => void): () => void {
    this.#pendingHeard.add(listener);
    return () => void this.#pendingHeard.delete(listener);
  }

  /** Calls `listener` when what became of messages is another; the answer takes it off again. */
  onDeliveries(listener: () => void): () => void {
    this.#deliveriesHeard.add(listener);
    return () => void this.#deliveriesHeard.delete(listener);
  }

  #deliveriesChanged(): void {
    for (const each of [...this.#deliveriesHeard]) each();
  }

  async #load(): Promise<void> {
    this.#meanwhile = [];
    try {
      this.#begin(await this.#connection.ask('alerts', {}));
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    }
    this.changed();
  }

  #begin({ active, recent }: AlertsState): void {
    this.#active = new Map(active.map((alert) => [alert.id, alert]));
    this.#recent = recent;
    this.#isLoaded = true;
    this.#forget();
    for (const alert of this.#meanwhile ?? []) this.#take(alert);
    this.#meanwhile = undefined;
  }

  #hear(told: AlertTold): void {
    this.#meanwhile?.push(told.alert);
    this.#take(told.alert);
    for (const each of [...this.#told]) each(told);
    this.changed();
  }

  #take(alert: AlertHead): void {
    if (alert.status === 'resolved') this.#active.delete(alert.id);
    else this.#active.set(alert.id, alert);
    const others = this.#recent.filter(({ id }) => id !== alert.id);
    this.#recent = [...others, alert].sort(newestFirst).slice(0, MOST_RECENT);
    this.#forget();
  }

  #forget(): void {
    this.#byHost = undefined;
    this.#sorted = undefined;
  }
}

const newestFirst = (a: AlertHead, b: AlertHead): number => b.firedAt - a.firedAt || b.id.localeCompare(a.id);

function grouped(alerts: readonly AlertHead[]): Map<string, AlertHead[]> {
  const groups = new Map<string, AlertHead[]>();
  for (const alert of alerts) {
    if (alert.hostId === undefined) continue;
    const group = groups.get(alert.hostId) ?? [];
    group.push(alert);
    groups.set(alert.hostId, group);
  }
  return groups;
}
