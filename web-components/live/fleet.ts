import type { Host } from '../../protocol/hosts.ts';
import type { FleetState, LiveFrame, LiveSeries } from '../../protocol/live.ts';
import { type CardValues, cardValues } from './card-values.ts';
import type { Connection } from './connection.ts';
import type { Descriptors } from './descriptors.ts';
import { Observable } from './observable.ts';
import { Ring } from './ring.ts';

/** Five minutes at the usual 5 s, and one at 1 s. */
const TREND_POINTS = 60;

interface Entry {
  series: Map<number, LiveSeries>;
  values: Map<number, number | null>;
  at?: number;
  card?: CardValues;
  trend: Ring;
  /** Its past was asked for. */
}

/** Every host of the session with its card values. One subscription for all elements; asked anew after each reconnect. */
export class FleetStore extends Observable {
  readonly #connection: Connection;
  readonly #descriptors: Descriptors;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  #hosts = new Map<string, Host>();
  #isLoaded = false;
  #failure: Error | undefined;
  #offsetMs = 0;

  constructor(connection: Connection, descriptors: Descriptors, now: () => number) {
    super();
    this.#connection = connection;
    this.#descriptors = descriptors;
    this.#now = now;
    connection.on('card', (frame) => this.#take(frame));
    connection.on('host', (host) => this.#replace(host));
    connection.on('hostRemoved', ({ hostId }) => this.#remove(hostId));
    connection.on('series', ({ hostId, series }) => this.#addSeries(hostId, series));
    connection.onConnect(() => void this.#load());
    connection.subscribe(() => this.changed());
    descriptors.subscribe(() => this.#recount());
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Why the fleet could not be read, until it can. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** All hosts by name. */
  get hosts(): readonly Host[] {
    return [...this.#hosts.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  }

  get(hostId: string): Host | undefined {
    return this.#hosts.get(hostId);
  }

  /** A new object with every frame, so that elements see a change by identity. */
  card(hostId: string): CardValues | undefined {
    return this.#entries.get(hostId)?.card;
  }

  /** Processor use of the last minutes. */
  trend(hostId: string): Ring | undefined {
    return this.#entries.get(hostId)?.trend;
  }

  /** The appliance's time: this device's clock may be wrong, and values carry the appliance's. */
  now(): number {
    return this.#now() + this.#offsetMs;
  }

  async #load(): Promise<void> {
    try {
      const state = await this.#connection.ask('fleet', {});
      this.#offsetMs = state.at - this.#now();
      await this.#descriptors.ready();
      this.#failure = undefined;
      this.#begin(state);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.changed();
    }
  }

  #begin({ hosts, series, frames }: FleetState): void {
    this.#hosts = new Map(hosts.map((host) => [host.id, host]));
    for (const hostId of this.#entries.keys()) if (!this.#hosts.has(hostId)) this.#entries.delete(hostId);
    for (const [hostId, known] of Object.entries(series)) this.#addSeries(hostId, known);
    for (const frame of frames) this.#take(frame);
    this.#isLoaded = true;
    this.changed();
  }

  #entry(hostId: string): Entry {
    const entry = this.#entries.get(hostId) ?? {
      series: new Map(),
      values: new Map(),
      trend: new Ring(TREND_POINTS),
    };
    this.#entries.set(hostId, entry);
    return entry;
  }

  #addSeries(hostId: string, series: LiveSeries[]): void {
    const entry = this.#entry(hostId);
    for (const each of series) entry.series.set(each.id, each);
  }

  #take(frame: LiveFrame): void {
    const entry = this.#entry(frame.hostId);
    if (frame.late || (entry.at !== undefined && frame.at < entry.at)) return;
    entry.at = frame.at;
    for (let i = 0; i + 1 < frame.values.length; i += 2) {
      entry.values.set(frame.values[i] ?? -1, frame.values[i + 1] ?? null);
    }
    this.#count(entry);
    if (entry.card?.cpu !== undefined) entry.trend.add(frame.at, entry.card.cpu);
    this.changed();
  }

  #count(entry: Entry): void {
    if (entry.at === undefined) return;
    entry.card = cardValues(entry.at, {
      series: entry.series.values(),
      read: (id) => entry.values.get(id),
      descriptors: this.#descriptors,
    });
  }

  #recount(): void {
    for (const entry of this.#entries.values()) this.#count(entry);
    this.changed();
  }

  #replace(host: Host): void {
    this.#hosts.set(host.id, host);
    this.changed();
  }

  #remove(hostId: string): void {
    this.#hosts.delete(hostId);
    this.#entries.delete(hostId);
    this.changed();
  }
}
