import { Alerts } from '../../appliance/alerts/alerts.ts';
import { TellingDesk } from '../../appliance/alerts/desk.ts';
import { Hub } from '../../appliance/hub.ts';
import { Incidents } from '../../appliance/incidents/incidents.ts';
import { NetworkWatch } from '../../appliance/incidents/network-watch.ts';
import type { OwnNetwork } from '../../appliance/incidents/outage.ts';
import { Quiet } from '../../appliance/incidents/quiet.ts';
import type { ConfiguredChannels } from '../../appliance/notifications/configured.ts';
import { type RouteRecord, routeRecords } from '../../appliance/notifications/documents.ts';
import type { OutboxEntry } from '../../appliance/notifications/entries.ts';
import { Notifier } from '../../appliance/notifications/notifier.ts';
import { Outbox } from '../../appliance/notifications/outbox.ts';
import type { Collection } from '../../appliance/store/documents.ts';
import type { Alert } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { NotificationSettings } from '../../protocol/settings/notifications.ts';
import { type Held, memoryDocuments } from './memory-documents.ts';
import { keepingLog } from './silent-log.ts';

export const SITE = '0193a000-0000-7000-8000-00000000000a';
export const START = Date.UTC(2026, 10, 21, 12);
export const idOf = (n: number): string => `0193a000-0000-7000-8000-${String(n + 100).padStart(12, '0')}`;

/** One message that reached a far end. */
export interface Arrived {
  at: number;
  channelId: string;
  title: string;
  state: string;
  text: string;
  /** Alert id and number of each transition in it. */
  covers: string[];
}

interface Run {
  hub: Hub;
  alerts: Alerts;
  incidents: Incidents;
  notifier: Notifier;
  outbox: Outbox;
  quiet: Quiet;
  routes: Collection<RouteRecord>;
}

/** Engine, incidents, notifier and outbox as the appliance joins them, with a clock that is a number and far ends that a test rules. */
export class TellingWorld {
  now = START;
  hosts: Host[] = [];
  readonly arrived: Arrived[] = [];
  readonly held: Held = new Map();
  /** Online hosts of which nothing comes any more: the status finds out after 2.5 intervals. */
  readonly mute = new Set<string>();
  own: OwnNetwork = { links: 'unknown', gateway: 'unknown' };
  channels: string[] = ['mail'];
  farEnd: (channelId: string) => void = () => undefined;
  settings: NotificationSettings = { quiet: [], low: 'at once', digestAt: '08:00', mostAnHour: 1_000 };
  #run: Run | undefined;

  static async open(hosts = 0): Promise<TellingWorld> {
    const world = new TellingWorld();
    world.hosts = Array.from({ length: hosts }, (_, n) => hostOf(n));
    await world.start();
    return world;
  }

  get run(): Run {
    if (!this.#run) throw new Error('it does not run');
    return this.#run;
  }

  /** Starts on what the run before left; nothing of that one is asked to end, as after a power cut. */
  async start(): Promise<void> {
    const documents = memoryDocuments(this.held);
    const hub = new Hub((_event, error) => {
      throw error;
    });
    const now = (): number => this.now;
    const log = keepingLog() as never;
    const quiet = await Quiet.open(documents);
    const opened: { desk?: TellingDesk } = {};
    const routes = await documents.collection(routeRecords);
    const outbox = await Outbox.open({
      ...{ documents, now, log },
      mostAnHour: () => this.settings.mostAnHour,
      deliver: async (entries) => this.#deliver(entries),
      onEnd: () => undefined,
    });
    const notifier = new Notifier({
      ...{ hub, log, now, outbox, routes },
      channels: { enabled: () => this.channels } as unknown as ConfiguredChannels,
      surroundings: () => ({ site: 'Home', timeZone: 'UTC', url: 'https://reeve.local' }),
      settings: () => this.settings,
      tagsOf: (id) => this.host(id)?.tags ?? [],
      space: async () => undefined,
      openAlerts: () => opened.desk?.open() ?? [],
    });
    const network = new NetworkWatch({ hub, now, hosts: () => this.hosts, read: async () => this.own });
    const incidents = new Incidents({
      ...{ hub, now, quiet, network },
      hostOf: (id) => this.host(id),
      timeText: (_site, at) => new Date(at).toISOString().slice(11, 16),
    });
    const alerts = await Alerts.open({
      ...{ documents, hub, log, now },
      hosts: () => this.hosts,
      applianceSite: () => SITE,
      describe: () => undefined,
      query: async ({ from, to }) => ({
        ...{ from, to, first: from, stepMs: 1_000, steps: 0, resolution: 'raw' },
        ...{ columns: [], hosts: [], series: [], unmatched: [] },
      }),
      holdOf: (alert) => incidents.holdOf(alert),
    });
    opened.desk = new TellingDesk(alerts.book, now);
    incidents.begin(opened.desk);
    this.#run = { hub, alerts, incidents, notifier, outbox, quiet, routes };
    await this.settle();
  }

  /** Lets time pass in steps; hosts that are online report in each. */
  async pass(ms: number, stepMs = 1_000): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, this.now + stepMs);
      await this.step();
    }
  }

  /** What happens each second. */
  async step(): Promise<void> {
    const { hub, alerts, incidents, notifier, outbox } = this.run;
    for (const { id: hostId, siteId, status } of this.hosts)
      if (status === 'online' && !this.mute.has(hostId))
        hub.emit('frame', {
          ...{ siteId, hostId, at: this.now, receivedAt: this.now, late: false, grade: 'durable' },
          ...{ series: [], values: [] },
        });
    this.hosts = this.hosts.map((host) =>
      host.status === 'online' && !this.mute.has(host.id) ? { ...host, lastSeenAt: this.now } : host,
    );
    alerts.tick();
    incidents.tick();
    await notifier.escalate();
    outbox.work();
    await this.settle();
  }

  /** Resolves when everything that was begun is written and sent. */
  async settle(): Promise<void> {
    const { alerts, outbox } = this.run;
    for (let round = 0; round < 4; round++) {
      await alerts.book.settled();
      await outbox.settled();
      for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    }
  }

  host(id: string): Host | undefined {
    return this.hosts.find((host) => host.id === id);
  }

  /** Changes hosts, as the inventory would. */
  change(ids: readonly string[], change: Partial<Host>): void {
    for (const id of ids) {
      const before = this.host(id);
      if (!before) continue;
      const isNew = change.status !== undefined && change.status !== before.status;
      const after = { ...before, ...change, ...(isNew && { statusAt: this.now }) };
      this.hosts = this.hosts.map((each) => (each.id === id ? after : each));
      this.run.hub.emit('host', { before, after });
    }
  }

  /** Something is wrong, or right again. */
  fact(
    key: string,
    isWrong: boolean,
    more: { hostId?: string; severity?: Alert['severity']; kind?: string } = {},
  ): void {
    this.run.hub.emit('fact', {
      ...{ siteId: SITE, kind: 'drift', key, severity: 'high', text: `${key} is wrong`, at: this.now },
      ...more,
      state: isWrong ? 'wrong' : 'ok',
    });
  }

  async alerts(): Promise<Alert[]> {
    return (await this.run.alerts.book.find({ siteId: SITE, late: 'yes', limit: 10_000 })).items;
  }

  titles(): string[] {
    return this.arrived.map(({ title, state }) => `${state}: ${title}`);
  }

  #deliver(entries: readonly OutboxEntry[]): { answer: string } {
    const [head] = entries;
    if (!head) return { answer: '' };
    this.farEnd(head.channelId);
    const { title, state, text } = head.message;
    const isOne = entries.length === 1;
    this.arrived.push({
      at: this.now,
      channelId: head.channelId,
      title: isOne ? title : `${entries.length} messages`,
      state,
      text,
      covers: entries.flatMap(({ covers = [], message }) => (covers.length > 0 ? covers : [message.id])),
    });
    return { answer: 'ok' };
  }
}

export const hostOf = (n: number, more: Partial<Host> = {}): Host => ({
  ...{ id: idOf(n), siteId: SITE, rev: 1, name: `host-${n}`, kind: 'agent', isAppliance: false, tags: [] },
  ...{ intervalMs: 5_000, status: 'online', statusReason: '', statusAt: START, notes: [] },
  ...{ createdAt: START, lastSeenAt: START },
  ...more,
});
