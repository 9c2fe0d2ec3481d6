import { ENERGY, POWER } from './power-series.ts';
import type { Slots } from './prices.ts';

/** As much of a question to history as energy needs. */
export interface EnergyQuery {
  hostIds: readonly string[];
  from: number;
  to: number;
  selectors: readonly { text: string; metric: string; attributes: readonly [] }[];
  resolution?: 'auto' | '1h';
  values: readonly ('average' | 'count')[];
  keepsHours?: boolean;
  maxPoints: number;
}

export interface EnergyResult {
  first: number;
  stepMs: number;
  steps: number;
  hosts: readonly { id: string; intervalMs: number }[];
  series: readonly {
    hostId?: string;
    metric: string;
    attributes: Readonly<Record<string, string>>;
    columns: readonly Float64Array[];
  }[];
}

export type ReadEnergy = (query: EnergyQuery) => Promise<EnergyResult>;

/** What one host used in each slot. */
export interface HostUse {
  hostId: string;
  wh: Float64Array;
  /** Wh by the source that told of it. */
  bySource: Map<string, number>;
  /** How long its power was known in each slot, ms. */
  knownMs: Float64Array;
}

const HOSTS_AT_ONCE = 25;
const selector = (metric: string) => ({ text: metric, metric, attributes: [] }) as const;
const ENERGY_ALONE = [selector(ENERGY)];
const WITH_POWER = [selector(ENERGY), selector(POWER)];

/**
 * Energy of hosts in each slot, out of history. Where history keeps only longer steps than a slot, energy is laid evenly on the slots of a
 * step. Every question reads what is there now, so that data that comes late is in the next answer. How long the power was known is told by
 * power too where that `isExact`, else by how many frames there are at the host's present interval: over a year that is half of the work.
 */
export async function readUse(
  hostIds: readonly string[],
  slots: Slots,
  { read, isExact = true }: { read: ReadEnergy; isExact?: boolean },
): Promise<HostUse[]> {
  const uses = new Map(hostIds.map((hostId) => [hostId, emptyUse(hostId, slots.count)]));
  const { first, slotMs, count } = slots;
  if (count === 0) return [...uses.values()];
  const span = { from: first, to: first + count * slotMs };
  for (let at = 0; at < hostIds.length; at += HOSTS_AT_ONCE) {
    const some = hostIds.slice(at, at + HOSTS_AT_ONCE);
    const values = ['average', 'count'] as const;
    const result = await read({
      ...span,
      hostIds: some,
      selectors: isExact ? WITH_POWER : ENERGY_ALONE,
      values,
      keepsHours: !isExact,
      maxPoints: count + 1,
    });
    addResult(uses, result, slots);
  }
  return [...uses.values()];
}

const emptyUse = (hostId: string, count: number): HostUse => ({
  ...{ hostId, wh: new Float64Array(count), bySource: new Map(), knownMs: new Float64Array(count) },
});

function addResult(uses: ReadonlyMap<string, HostUse>, { series, hosts, ...grid }: EnergyResult, slots: Slots): void {
  const powers = new Map(
    series
      .filter(({ metric }) => metric === POWER)
      .map((each) => [`${each.hostId} ${each.attributes['hw.source']}`, each]),
  );
  for (const each of series) {
    const use = uses.get(each.hostId ?? '');
    if (each.metric !== ENERGY || !use) continue;
    const source = each.attributes['hw.source'] ?? '';
    const power = powers.get(`${each.hostId} ${source}`)?.columns;
    const intervalMs = hosts.find(({ id }) => id === each.hostId)?.intervalMs ?? 5_000;
    const [average, many] = each.columns;
    if (average && many) addSeries(use, { average, many, watts: power?.[0], source, intervalMs }, { grid, slots });
  }
}

interface Columns {
  average: Float64Array;
  many: Float64Array;
  watts: Float64Array | undefined;
  source: string;
  intervalMs: number;
}

interface Laid {
  grid: Pick<EnergyResult, 'first' | 'stepMs' | 'steps'>;
  slots: Slots;
}

function addSeries(use: HostUse, { average, many, watts, source, intervalMs }: Columns, { grid, slots }: Laid): void {
  let total = 0;
  for (let step = 0; step < grid.steps; step++) {
    const count = many[step] ?? 0;
    if (count === 0) continue;
    const joules = (average[step] ?? 0) * count;
    const mean = watts?.[step] ?? Number.NaN;
    // Energy over power is time; of a machine that takes nothing it is told by how many frames there are.
    const known = mean > 0.01 && joules > 0 ? (joules * 1_000) / mean : count * intervalMs;
    const begin = grid.first + step * grid.stepMs;
    lay(use.wh, joules / 3_600, { begin, stepMs: grid.stepMs, slots });
    lay(use.knownMs, Math.min(known, grid.stepMs), { begin, stepMs: grid.stepMs, slots });
    total += joules / 3_600;
  }
  use.bySource.set(source, (use.bySource.get(source) ?? 0) + total);
}

/** Adds an amount to the slots of a step, evenly; to a single slot where the step lies in it. */
function lay(
  out: Float64Array,
  amount: number,
  { begin, stepMs, slots }: { begin: number; stepMs: number; slots: Slots },
): void {
  const slot = Math.floor((begin - slots.first) / slots.slotMs);
  if (stepMs <= slots.slotMs) {
    if (slot >= 0 && slot < slots.count) out[slot] = (out[slot] ?? 0) + amount;
    return;
  }
  const parts = Math.max(1, Math.round(stepMs / slots.slotMs));
  for (let n = 0; n < parts; n++) {
    const at = slot + n;
    if (at >= 0 && at < slots.count) out[at] = (out[at] ?? 0) + amount / parts;
  }
}

/** What is taken while a host is off: in the time since it is known in which nothing was heard of it. */
export function addStandby(
  use: HostUse,
  slots: Slots,
  { watts, from, to }: { watts: number; from: number; to: number },
): void {
  let total = 0;
  for (let slot = 0; slot < slots.count; slot++) {
    const begin = slots.first + slot * slots.slotMs;
    const passed = Math.min(begin + slots.slotMs, to) - Math.max(begin, from);
    const silent = passed - (use.knownMs[slot] ?? 0);
    // A frame stands for the time before it, so that a few seconds are missing wherever one looks.
    if (silent < slots.slotMs / 20) continue;
    const wh = (watts * silent) / 3_600_000;
    use.wh[slot] = (use.wh[slot] ?? 0) + wh;
    total += wh;
  }
  if (total > 0) use.bySource.set('standby', total);
}

/** Joules that history has of a host and source after a moment. */
export async function joulesAfter(
  { hostId, sourceId }: { hostId: string; sourceId: string },
  { after, now, read }: { after: number; now: number; read: ReadEnergy },
): Promise<number> {
  if (after >= now) return 0;
  const values = ['average', 'count'] as const;
  const span = { from: after + 1, to: now + 1 };
  const { series } = await read({ ...span, hostIds: [hostId], selectors: ENERGY_ALONE, values, maxPoints: 1_000 });
  let joules = 0;
  for (const { attributes, columns } of series) {
    const [average, many] = columns;
    if (attributes['hw.source'] !== sourceId || !average || !many) continue;
    for (const [step, count] of many.entries()) if (count > 0) joules += (average[step] ?? 0) * count;
  }
  return joules;
}
