// bench: alerts: what judging costs (50 hosts × 40 series × 50 rules), how long a breach takes to the far end, a fleet that goes offline.
import { Alerts } from '../../appliance/alerts/alerts.ts';
import { Hub } from '../../appliance/hub.ts';
import { openLog } from '../../appliance/log.ts';
import { openDocumentStore } from '../../appliance/store/nedb/documents.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { breaches, fleetOffline } from './breach.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { ownCpuMs } from './measure.ts';

const HOSTS = 50;
const SERIES = 40;
const RULES = 50;
const SITE = '019aa5a0-0000-7000-8000-00000000000a';
const START = 1_760_000_000_000;
const EDITOR = { siteId: SITE, userName: 'bench' };

const hosts: Host[] = Array.from({ length: HOSTS }, (_, n) => ({
  id: `019aa5a0-0000-7000-8000-${String(n).padStart(12, '0')}`,
  siteId: SITE,
  rev: 1,
  name: `host-${n}`,
  kind: 'agent',
  isAppliance: false,
  tags: [],
  intervalMs: 1_000,
  status: 'online',
  statusReason: '',
  notes: [],
  createdAt: START,
  lastSeenAt: START,
}));

interface Shape {
  /** Metric of a series, and of a rule. */
  metricOf(place: number): string;
  /** Share of the values that are over the threshold of 0.9. */
  broken: number;
}

interface Fleet {
  /** Plays so many seconds: a frame of each host and a tick in each. */
  play(seconds: number): void;
  close(): Promise<void>;
}

async function openFleet(dir: string, { metricOf, broken }: Shape): Promise<Fleet> {
  const log = openLog({ level: 'silent', isTerminal: false });
  const hub = new Hub((_event, error) => {
    throw error;
  });
  let now = START;
  const documents = await openDocumentStore({ dir, log });
  const alerts = await Alerts.open({
    documents,
    hub,
    log,
    now: () => now,
    hosts: () => hosts,
    applianceSite: () => SITE,
    describe: () => undefined,
    query: async ({ from, to }) => ({
      ...{ from, to, first: from, stepMs: 1_000, steps: 0, resolution: 'raw' },
      ...{ columns: [], hosts: [], series: [], unmatched: [] },
    }),
  });
  for (let n = 0; n < RULES; n++)
    await alerts.rules.create(EDITOR, {
      title: `Rule ${n}`,
      severity: 'medium',
      isEnabled: true,
      metric: metricOf(n),
      attributes: [],
      hosts: { tags: [], hostIds: [], exceptTags: [] },
      condition: {
        id: n % 2 === 0 ? 'above' : 'outside',
        settings: n % 2 === 0 ? { threshold: 0.9, clear: 0.8 } : { from: 0, to: 0.9 },
      },
      // Never long enough: nothing is written while it is measured.
      forMs: 604_800_000,
      share: 0.5,
      clearForMs: 60_000,
      overrides: [],
    });
  const layouts = hosts.map(() =>
    Array.from(
      { length: SERIES },
      (_, n): LiveSeries => ({ id: n + 1, metric: metricOf(n), attributes: { n: String(n) } }),
    ),
  );
  const values = Array.from({ length: SERIES }, (_, n) => (n < SERIES * broken ? 0.95 : 0.5));
  return {
    play(seconds) {
      for (let second = 0; second < seconds; second++) {
        now += 1_000;
        for (const [n, { id }] of hosts.entries())
          hub.emit('frame', {
            ...{ siteId: SITE, hostId: id, at: now, receivedAt: now, late: false, grade: 'durable' },
            ...{ series: layouts[n] ?? [], values },
          });
        alerts.tick();
      }
    },
    async close() {
      await alerts.close();
      await documents.close();
    },
  };
}

async function percentOf(shape: Shape, seconds: number): Promise<number> {
  const dir = makeDirectory('reeve-bench-');
  try {
    const fleet = await openFleet(dir, shape);
    fleet.play(60);
    const ms = await ownCpuMs(async () => fleet.play(seconds));
    await fleet.close();
    return ms / (seconds * 10);
  } finally {
    removeDirectory(dir);
  }
}

export async function* figures(options: BenchOptions): AsyncGenerator<Figure> {
  yield* judging(options);
  yield* breaches(options);
  yield* fleetOffline(options);
}

async function* judging({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const seconds = isQuick ? 60 : 600;
  const unit = '% of a core';
  const gate = { unit, atMost: 2, aim: 0.5 };
  const own = (n: number): string => `bench.value.${n % SERIES}`;
  const same = (): string => 'bench.value';
  yield {
    name: 'judging, each rule about one metric',
    value: await percentOf({ metricOf: own, broken: 0 }, seconds),
    ...gate,
    note: '50 hosts × 40 series × 50 rules at 1 s: 2,500 judgements a second, ticks included',
  };
  yield {
    name: 'judging, each rule about every series',
    value: await percentOf({ metricOf: same, broken: 0 }, seconds),
    ...gate,
    note: '100,000 judgements a second',
  };
  yield {
    name: 'judging, each rule about every series, a tenth of them broken',
    value: await percentOf({ metricOf: same, broken: 0.1 }, seconds),
    unit,
    note: '10,000 of 100,000 are pending all the time',
  };
}
