import type { Host } from '../../protocol/hosts.ts';
import { DAY_MS } from '../spans.ts';
import { type Sum, standingOf, sumOf, type UnitPrices, unitPrices } from './bill.ts';
import type { Books } from './books.ts';
import { type Slots, slotsOf, type Tariffs } from './prices.ts';
import type { SourceBook } from './source-book.ts';
import type { SpotStore } from './spot-store.ts';
import { addStandby, type HostUse, type ReadEnergy, readUse } from './usage.ts';
import { Zone } from './zone.ts';

export interface CostsParts {
  now: () => number;
  books: Books;
  spots: SpotStore;
  sources: SourceBook;
  read: ReadEnergy;
  /** Every host of a site. */
  hostsOf(siteId: string): readonly Host[];
  general(siteId: string): { timeZone: string; currency: string; pricePerKwh: number };
}

/** Up to so long a span the time in which power was known is told exactly. */
const EXACT_MS = 62 * DAY_MS;

/** Energy and prices of a site over a span. `from` is the slot in which the span begins: tiers need the month before it. */
export interface Priced {
  slots: Slots;
  from: number;
  unit: UnitPrices;
  uses: readonly HostUse[];
  /** Wh of all hosts. */
  total: Float64Array;
}

/** Energy × tariff, reckoned at every question anew. */
export class Costs {
  readonly parts: CostsParts;
  readonly #zones = new Map<string, Zone>();

  constructor(parts: CostsParts) {
    this.parts = parts;
  }

  zoneOf(siteId: string): Zone {
    const { timeZone } = this.parts.general(siteId);
    const known = this.#zones.get(timeZone) ?? new Zone(timeZone);
    this.#zones.set(timeZone, known);
    return known;
  }

  tariffsOf(siteId: string): Tariffs {
    const { versions } = this.parts.books.of(siteId);
    const flat = this.parts.general(siteId).pricePerKwh;
    return { versions, zone: this.zoneOf(siteId), spot: this.parts.spots.of(siteId), flat };
  }

  /** What all hosts of a site used in a span, and what each slot costs. */
  async priced(siteId: string, span: { from: number; to: number }, tariffs = this.tariffsOf(siteId)): Promise<Priced> {
    const hasTiers = tariffs.versions.some(({ tiers }) => tiers.length > 0);
    const begin = hasTiers ? tariffs.zone.monthStart(span.from) : span.from;
    const slots = slotsOf({ from: begin, to: span.to }, tariffs);
    const uses = await this.use(siteId, slots);
    const total = totalOf(uses, slots.count);
    const from = Math.max(0, Math.floor((span.from - slots.first) / slots.slotMs));
    return { slots, from, uses, total, unit: unitPrices(slots, tariffs, total) };
  }

  /** What all hosts of a site used in each slot, standby included. */
  async use(siteId: string, slots: Slots): Promise<HostUse[]> {
    const hosts = this.parts.hostsOf(siteId);
    const now = this.parts.now();
    const hasStandby = hosts.some(({ id }) => (this.parts.sources.get(id)?.standbyWatts ?? 0) > 0);
    const isExact = hasStandby || slots.count * slots.slotMs <= EXACT_MS;
    const uses = await readUse(
      hosts.map(({ id }) => id),
      slots,
      { read: this.parts.read, isExact },
    );
    for (const use of uses) {
      const watts = this.parts.sources.get(use.hostId)?.standbyWatts;
      const host = hosts.find(({ id }) => id === use.hostId);
      if (watts !== undefined && watts > 0 && host) addStandby(use, slots, { watts, from: host.createdAt, to: now });
    }
    return uses;
  }
}

export function totalOf(uses: readonly HostUse[], count: number): Float64Array {
  const total = new Float64Array(count);
  for (const { wh } of uses)
    for (let slot = 0; slot < count; slot++) total[slot] = (total[slot] ?? 0) + (wh[slot] ?? 0);
  return total;
}

/** A figure as the API has it: kWh, cost of the energy, standing charge, kg of CO₂. */
export interface Figure {
  kwh: number;
  cost: number;
  co2Kg: number;
}

export const figureOf = ({ wh, cost, co2 }: Sum): Figure => ({ kwh: wh / 1_000, cost, co2Kg: co2 / 1_000 });

/** Slot numbers of a span. */
export function slotRange({ first, slotMs, count }: Slots, { from, to }: { from: number; to: number }) {
  const bound = (at: number): number => Math.max(0, Math.min(count, Math.ceil((at - first) / slotMs)));
  return { from: bound(from), to: bound(to) };
}

/** All hosts in a span, standing charge apart. */
export function figureIn(priced: Priced, span: { from: number; to: number }): Figure & { standing: number } {
  const range = slotRange(priced.slots, span);
  return { ...figureOf(sumOf(priced.total, priced.unit, range)), standing: standingOf(priced.unit, range) };
}

/** How far the truth may lie from the energy of hosts, as a share: each source by what it told, all in the same direction at worst. */
export function uncertaintyOf(
  uses: readonly HostUse[],
  shareOf: (hostId: string, source: string) => number,
): number | undefined {
  let [wh, off] = [0, 0];
  for (const { hostId, bySource } of uses)
    for (const [source, told] of bySource) {
      wh += told;
      off += told * shareOf(hostId, source);
    }
  return wh > 0 ? off / wh : undefined;
}
