import { SECOND_MS } from '../spans.ts';
import type { PowerSample } from './energy.ts';

/** What a UPS and the hosts on it say is of now for so long. */
export const FRESH_MS = 90 * SECOND_MS;

/** A UPS by the host whose agent reads it; without a name, the first of that host. */
export interface UpsName {
  hostId: string;
  name: string | undefined;
}

/** Readings of each UPS, and how the hosts that hang on one share it. */
export class UpsShares {
  /** By the host that reads it, then by its name. */
  readonly #read = new Map<string, Map<string, PowerSample>>();

  take(hostId: string, at: number, readings: readonly { name: string; watts: number }[]): void {
    for (const { name, watts } of readings) {
      const mine = this.#read.get(hostId) ?? new Map<string, PowerSample>();
      mine.set(name, { at, watts });
      this.#read.set(hostId, mine);
    }
  }

  forget(hostId: string): void {
    this.#read.delete(hostId);
  }

  /** W; undefined while the UPS does not tell. */
  wattsOf({ hostId, name }: UpsName, at: number): number | undefined {
    const all = [...(this.#read.get(hostId) ?? [])];
    const reading = (name === undefined ? all[0] : all.find(([own]) => own === name))?.[1];
    return reading && Math.abs(at - reading.at) <= FRESH_MS ? reading.watts : undefined;
  }
}

/** The share 0–1 of one host among those on a UPS: by what their models say, or equal ones where a model is missing. */
export function shareOf(hostId: string, weights: ReadonlyMap<string, number | undefined>): number {
  const areKnown = [...weights.values()].every((weight) => weight !== undefined && weight > 0);
  const of = (weight: number | undefined): number => (areKnown ? (weight ?? 0) : 1);
  const sum = [...weights.values()].reduce<number>((total, weight) => total + of(weight), 0);
  return sum > 0 && weights.has(hostId) ? of(weights.get(hostId)) / sum : 0;
}
