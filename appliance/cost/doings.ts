import type { Host } from '../../protocol/hosts.ts';
import { DAY_MS, HOUR_MS } from '../spans.ts';
import { sumOf } from './bill.ts';
import { type Fit, fitOf, type Pair } from './calibrate.ts';
import { type Costs, type Priced, slotRange } from './costs.ts';
import { POWER } from './power-series.ts';

/** A question to history about anything that hosts do. */
export interface DoingsQuery {
  hostIds: readonly string[];
  from: number;
  to: number;
  selectors: readonly { text: string; metric: string; attributes: readonly [] }[];
  values: readonly 'average'[];
  maxPoints: number;
}

export interface DoingsResult {
  first: number;
  stepMs: number;
  steps: number;
  series: readonly {
    hostId?: string;
    metric: string;
    attributes: Readonly<Record<string, string>>;
    columns: readonly Float64Array[];
  }[];
}

export type ReadDoings = (query: DoingsQuery) => Promise<DoingsResult>;

const CPU = 'system.cpu.utilization';
const CONTAINER = 'container.cpu.utilization';
const PACKAGES = 'hw.power';
const NETWORK = 'system.network.io.rate';

interface Asked {
  hostIds: readonly string[];
  metrics: readonly string[];
  from: number;
  to: number;
  steps: number;
}

const ask = (read: ReadDoings, { hostIds, metrics, ...span }: Asked) =>
  read({
    hostIds,
    ...{ from: span.from, to: span.to, maxPoints: span.steps },
    selectors: metrics.map((metric) => ({ text: metric, metric, attributes: [] }) as const),
    values: ['average'],
  });

const meanOf = (column: Float64Array | undefined): number | undefined => {
  const known = (column ?? new Float64Array(0)).filter((value) => !Number.isNaN(value));
  return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : undefined;
};

/** Mean use of a host's processors, 0–1. */
export async function cpuOf(read: ReadDoings, hostId: string, span: { from: number; to: number }) {
  const { series } = await ask(read, { hostIds: [hostId], metrics: [CPU], ...span, steps: 800 });
  return meanOf(series[0]?.columns[0]);
}

/** An hour counts as idle below this use of the processors and this traffic. */
const IDLE_CPU = 0.05;
const IDLE_BYTES = 20_000;
const IDLE_DAYS = 7;
/** A host is listed that idles for so much of its time, and long enough to say so. */
const LEAST_SHARE = 0.8;
const LEAST_HOURS = 24;

/** Hosts that mostly idle, the dearest first; `costPerYear` is of their idle hours. */
export async function idleHosts(siteId: string, costs: Costs, read: ReadDoings) {
  const to = costs.parts.now();
  const span = { from: Math.floor((to - IDLE_DAYS * DAY_MS) / HOUR_MS) * HOUR_MS, to };
  const priced = await costs.priced(siteId, span);
  const hosts = costs.parts.hostsOf(siteId);
  const ids = hosts.map(({ id }) => id);
  const doings = await ask(read, { hostIds: ids, metrics: [CPU, NETWORK], ...span, steps: IDLE_DAYS * 24 + 1 });
  const items = hosts.flatMap((host) => {
    const found = idleOf(host, { doings, priced });
    return found && found.hours >= LEAST_HOURS && found.idleShare >= LEAST_SHARE
      ? [{ hostId: host.id, name: host.name, ...found }]
      : [];
  });
  items.sort((a, b) => b.costPerYear - a.costPerYear);
  return { days: IDLE_DAYS, items: items.map(({ hours: _, ...item }) => item) };
}

function idleOf(host: Host, { doings, priced }: { doings: DoingsResult; priced: Priced }) {
  const own = doings.series.filter(({ hostId }) => hostId === host.id);
  const cpu = own.find(({ metric }) => metric === CPU)?.columns[0];
  const traffic = own.filter(({ metric }) => metric === NETWORK).map(({ columns }) => columns[0]);
  const use = priced.uses.find(({ hostId }) => hostId === host.id);
  if (!cpu || !use) return undefined;
  let [hours, idle, wh, cost, knownMs] = [0, 0, 0, 0, 0];
  for (let step = 0; step < doings.steps; step++) {
    const busy = cpu[step] ?? Number.NaN;
    if (Number.isNaN(busy)) continue;
    hours += 1;
    if (busy >= IDLE_CPU || traffic.reduce((sum, column) => sum + (column?.[step] || 0), 0) >= IDLE_BYTES) continue;
    idle += 1;
    const from = doings.first + step * doings.stepMs;
    const range = slotRange(priced.slots, { from, to: from + doings.stepMs });
    const sum = sumOf(use.wh, priced.unit, range);
    wh += sum.wh;
    cost += sum.cost;
    knownMs += use.knownMs.subarray(range.from, range.to).reduce((a, b) => a + b, 0);
  }
  const spanHours = (hours * doings.stepMs) / HOUR_MS;
  return {
    hours: spanHours,
    idleShare: hours > 0 ? idle / hours : 0,
    idleWatts: knownMs > 0 ? (wh * HOUR_MS) / knownMs : 0,
    costPerYear: spanHours > 0 ? (cost * 365.25 * 24) / spanHours : 0,
  };
}

/**
 * What each container of a host has of its energy, by the processors' time that it took: of the time in which processors worked, and of
 * what the machine takes when it idles too, because it runs for its containers. The rest is under an empty name.
 */
export async function containersOf(
  host: Host,
  { kwh, cost, to }: { kwh: number; cost: number; to: number },
  read: ReadDoings,
) {
  const span = { from: to - 30 * DAY_MS, to, steps: 800 };
  const { series } = await ask(read, { hostIds: [host.id], metrics: [CONTAINER, CPU], ...span });
  const cores = host.facts?.cpuCores ?? 1;
  const busy = (meanOf(series.find(({ metric }) => metric === CPU)?.columns[0]) ?? 0) * cores;
  const all = series.flatMap(({ metric, attributes, columns }) => {
    const [column] = columns;
    if (metric !== CONTAINER || !column) return [];
    // A container that was not there took nothing: its mean is over the whole span.
    const sum = column.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0);
    const steps = series
      .find((each) => each.metric === CPU)
      ?.columns[0]?.filter((value) => !Number.isNaN(value)).length;
    return [{ name: Object.values(attributes)[0] ?? '', used: sum / Math.max(1, steps ?? column.length) }];
  });
  if (all.length === 0) return [];
  const used = all.reduce((sum, each) => sum + each.used, 0);
  const whole = Math.max(busy, used, 1e-9);
  const shares = all.map(({ name, used: own }) => ({ name, share: own / whole }));
  shares.push({ name: '', share: Math.max(0, 1 - used / whole) });
  return shares
    .sort((a, b) => b.share - a.share)
    .map(({ name, share }) => ({ name, share, kwh: kwh * share, cost: cost * share }));
}

/** Sources that measure the whole machine. */
const RECKONED = new Set(['model', 'rapl', 'tdp', 'fixed']);
const STEP_MINUTES = 5;

export interface Calibrated extends Fit {
  model: 'model' | 'rapl';
  hours: number;
}

/** The model that fits what a meter measured on a host; RAPL where the host has it, because it knows more than the use of processors. */
export async function calibratedOf(
  host: Host,
  read: ReadDoings,
  { hours, to, usualSlope }: { hours: number; to: number; usualSlope: number },
): Promise<Calibrated | undefined> {
  const span = { from: to - hours * HOUR_MS, to, steps: Math.min(5_000, (hours * 60) / STEP_MINUTES + 1) };
  const { series, stepMs } = await ask(read, { hostIds: [host.id], metrics: [POWER, CPU, PACKAGES], ...span });
  const meter = series.find(
    ({ metric, attributes }) => metric === POWER && !RECKONED.has(attributes['hw.source'] ?? ''),
  );
  const packages = series.filter(
    ({ metric, attributes }) => metric === PACKAGES && /^package-\d+(?: dram)?$/.test(attributes['hw.name'] ?? ''),
  );
  const cpu = series.find(({ metric }) => metric === CPU)?.columns[0];
  const watts = meter?.columns[0];
  if (!watts) return undefined;
  const byRapl = pairsOf(watts, (step) =>
    packages.reduce((sum, { columns }) => sum + (columns[0]?.[step] ?? Number.NaN), 0),
  );
  const byCpu = cpu && pairsOf(watts, (step) => cpu[step] ?? Number.NaN);
  const rapl = packages.length > 0 ? fitOf(byRapl, 1.1) : undefined;
  const model = byCpu && fitOf(byCpu, usualSlope);
  const hoursOf = (pairs: readonly Pair[]): number => (pairs.length * stepMs) / HOUR_MS;
  if (rapl && (!model || rapl.error <= model.error)) return { ...rapl, model: 'rapl', hours: hoursOf(byRapl) };
  return model && byCpu ? { ...model, model: 'model', hours: hoursOf(byCpu) } : undefined;
}

function pairsOf(watts: Float64Array, by: (step: number) => number): Pair[] {
  const pairs: Pair[] = [];
  watts.forEach((value, step) => {
    const other = by(step);
    if (!Number.isNaN(value) && !Number.isNaN(other)) pairs.push({ watts: value, by: other });
  });
  return pairs;
}
