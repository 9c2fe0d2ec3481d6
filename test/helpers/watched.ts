import { onTestFinished } from 'vitest';
import { Alerts } from '../../appliance/alerts/alerts.ts';
import type { HistoryQuery, HistoryResult } from '../../appliance/history/history.ts';
import { type Events, type FactEvent, Hub } from '../../appliance/hub.ts';
import { openLog } from '../../appliance/log.ts';
import { openDocumentStore } from '../../appliance/store/nedb/documents.ts';
import type { Alert, Transition } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { Descriptor } from '../../protocol/metrics.ts';
import { FailingDisk } from './failing-disk.ts';
import { keepingLog } from './silent-log.ts';
import { makeDirectory, removeDirectory } from './temporary.ts';

export const SITE = '019aa5a0-0000-7000-8000-00000000000a';
export const OTHER_SITE = '019aa5a0-0000-7000-8000-00000000000b';
export const START = Date.UTC(2026, 10, 21, 12);
const INTERVAL_MS = 5_000;

const described = (id: string, title: string, unit = '1'): Descriptor => ({
  id,
  title,
  unit,
  kind: 'gauge',
  rollup: 'average',
  attributes: [],
});
const DESCRIPTORS = [
  described('system.cpu.utilization', 'Processor use'),
  described('system.memory.utilization', 'Memory use'),
  described('system.filesystem.utilization', 'File system use'),
];

export const hostId = (n: number): string => `019aa5a0-0000-7000-8000-${String(n).padStart(12, '0')}`;

export function someHost(n: number, more: Partial<Host> = {}): Host {
  return {
    id: hostId(n),
    siteId: SITE,
    rev: 1,
    name: `host-${n}`,
    kind: 'agent',
    isAppliance: false,
    tags: [],
    intervalMs: INTERVAL_MS,
    status: 'online',
    statusReason: 'Powered off, network, or agent stopped.',
    notes: [],
    createdAt: START,
    lastSeenAt: START,
    ...more,
  };
}

export const CPU: LiveSeries = { id: 1, metric: 'system.cpu.utilization', attributes: {} };
export const MEMORY: LiveSeries = { id: 2, metric: 'system.memory.utilization', attributes: {} };
export const DISK: LiveSeries = {
  id: 3,
  metric: 'system.filesystem.utilization',
  attributes: { 'system.filesystem.mountpoint': '/data' },
};
export const SERIES = [CPU, MEMORY, DISK] as const;

/** What was measured of one host, as history gives it back. */
type Rows = { at: number; values: readonly (number | null)[] }[];

/** The alerts of an appliance on a real store, with a clock and values that the test moves. */
export class Watched {
  readonly dir = makeDirectory();
  readonly disk = new FailingDisk();
  readonly log = keepingLog();
  readonly told: { alert: Alert; transition: Transition }[] = [];
  readonly #rows = new Map<string, Rows>();
  hosts: Host[] = [someHost(1)];
  now = START;
  hub: Hub = new Hub(() => undefined);
  #alerts: Alerts | undefined;
  #close: () => Promise<void> = async () => undefined;

  constructor() {
    onTestFinished(async () => {
      this.disk.mode = 'works';
      await this.#close();
      removeDirectory(this.dir);
    });
  }

  get alerts(): Alerts {
    if (!this.#alerts) throw new Error('open it first');
    return this.#alerts;
  }

  async open(): Promise<this> {
    const hub = new Hub((event, error) => this.log.error({ event, error: String(error) }, 'listener failed'));
    const now = () => this.now;
    const { disk } = this;
    const documents = await openDocumentStore({ dir: this.dir, log: this.log, now, disk });
    hub.on('alert', (event) => void this.told.push(event));
    const alerts = await Alerts.open({
      documents,
      hub,
      now,
      log: Object.assign(openLog({ level: 'silent', isTerminal: false }), this.log),
      hosts: () => this.hosts,
      applianceSite: () => SITE,
      describe: (_siteId, metric) => DESCRIPTORS.find(({ id }) => id === metric),
      query: async (query) => this.query(query),
    });
    this.hub = hub;
    this.#alerts = alerts;
    this.#close = async () => {
      this.#close = async () => undefined;
      await alerts.close();
      await documents.close();
    };
    return this;
  }

  /** Stops and starts again after `afterMs`; what was told before stays in `told`. */
  async restart(afterMs = 2_000): Promise<void> {
    await this.#close();
    this.now += afterMs;
    await this.open();
  }

  /** Sends a frame of each host at its interval for so long, with ticks each second. Null is a host that says nothing. */
  async play(ms: number, values: readonly (number | null)[] | null, hosts = this.hosts): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 1_000;
      if (values && this.now % INTERVAL_MS === 0)
        for (const host of hosts) this.frame({ hostId: host.id, values, at: this.now });
      this.alerts.tick();
    }
    await this.settled();
  }

  frame({
    hostId: id,
    values,
    at,
    late = false,
    offsetMs,
  }: {
    hostId: string;
    values: readonly (number | null)[];
    at: number;
    late?: boolean;
    offsetMs?: number;
  }): void {
    this.#rows.set(id, [...(this.#rows.get(id) ?? []), { at, values }]);
    const event: Events['frame'] = {
      siteId: this.hosts.find((host) => host.id === id)?.siteId ?? SITE,
      hostId: id,
      at,
      receivedAt: this.now,
      late,
      grade: 'durable',
      series: SERIES,
      values,
      ...(offsetMs !== undefined && { offsetMs }),
    };
    this.hub.emit('frame', event);
  }

  fact(fact: Partial<FactEvent>): void {
    this.hub.emit('fact', {
      siteId: SITE,
      kind: 'test',
      key: 'one',
      state: 'wrong',
      severity: 'high',
      text: 'Something is wrong',
      at: this.now,
      ...fact,
    });
  }

  settled(): Promise<void> {
    return this.alerts.book.settled();
  }

  /** What was told, as `kind rule`, with a `!` where people want to know. */
  words(): string[] {
    return this.told.map(
      ({ alert, transition }) => `${transition.kind} ${alert.ruleId}${transition.isTold ? '!' : ''}`,
    );
  }

  last(): { alert: Alert; transition: Transition } {
    const last = this.told.at(-1);
    if (!last) throw new Error('nothing was told');
    return last;
  }

  /** Answers from the frames that were sent, on a grid of the hosts' interval. */
  async query({ hostIds, from, to, selectors = [] }: HistoryQuery): Promise<HistoryResult> {
    const stepMs = INTERVAL_MS;
    const first = Math.floor(from / stepMs) * stepMs;
    const steps = Math.ceil((to - first) / stepMs);
    const series = hostIds.flatMap((id) =>
      SERIES.filter(({ metric }) => selectors.some((each) => each.metric === metric)).map((each) => {
        const column = new Float64Array(steps).fill(Number.NaN);
        for (const { at, values } of this.#rows.get(id) ?? [])
          if (at >= from && at < to)
            column[Math.floor((at - first) / stepMs)] = values[SERIES.indexOf(each)] ?? Number.NaN;
        return { hostId: id, ...each, columns: [column] };
      }),
    );
    return {
      from,
      to,
      first,
      stepMs,
      steps,
      resolution: 'raw',
      columns: ['average'],
      hosts: [],
      series,
      unmatched: [],
    };
  }
}
