import { joulesBetween, type PowerSample } from './energy.ts';
import type { MeterReading } from './source.ts';

/** Energy that a meter counted between two moments. */
export interface Metered {
  from: number;
  to: number;
  joules: number;
}

/** A counter of a meter: everything up to `joules` of it is known to have been used up to `at`. */
export interface Counted {
  at: number;
  joules: number;
}

/** More than any socket gives: a counter that jumps so far is not believed. */
const MOST_WATTS = 25_000;

/**
 * Turns the readings of one meter into energy. A counter of the meter's own is believed before watts are added up, also over a stretch
 * in which nobody asked. One that falls is looked at twice: when it comes back it had only dipped (Home Assistant counts that twice),
 * else it began anew. One that jumps further than any socket can give is passed over.
 */
export class Meter {
  readonly #stepMs: number;
  #last: PowerSample | undefined;
  #lastAt = Number.NaN;
  #total = Number.NaN;
  /** The counter stands below where it was. */
  #fallen: { total: number; joules: number } | undefined;

  /** `stepMs`: how far apart its readings are, as a rule; `counted`: where an earlier run left off. */
  constructor(stepMs: number, counted?: Counted) {
    this.#stepMs = stepMs;
    if (!counted) return;
    this.#lastAt = counted.at;
    this.#total = counted.joules;
  }

  /** What its counter said, J; undefined while it has said nothing. */
  get total(): number | undefined {
    return Number.isNaN(this.#total) ? undefined : this.#total;
  }

  /** The last watts, where they are no older than two and a half steps. */
  wattsAt(at: number): number | undefined {
    const { last } = this;
    return last && at - last.at <= 2.5 * this.#stepMs ? last.watts : undefined;
  }

  get last(): PowerSample | undefined {
    return this.#last;
  }

  take({ watts, totalWh }: MeterReading, at: number): Metered | undefined {
    const before = this.#last;
    const from = this.#lastAt;
    if (at <= from) return undefined;
    const byWatts = watts === undefined ? 0 : Math.max(0, joulesBetween(before, { at, watts }, this.#stepMs));
    const counted = totalWh === undefined ? undefined : this.#count(totalWh * 3_600, { byWatts, passedMs: at - from });
    const joules = counted ?? byWatts;
    const known = watts ?? (counted === undefined || Number.isNaN(from) ? undefined : (joules * 1_000) / (at - from));
    this.#last = known === undefined ? undefined : { at, watts: known };
    this.#lastAt = at;
    // Added-up watts stand for no more than their step; a counter knows the whole stretch.
    const begins = counted === undefined ? Math.max(at - this.#stepMs, before?.at ?? 0) : from;
    return joules > 0 || watts !== undefined
      ? { from: Number.isNaN(begins) ? at - this.#stepMs : begins, to: at, joules }
      : undefined;
  }

  /** Joules since the reading before; undefined where the counter does not tell. */
  #count(total: number, { byWatts, passedMs }: { byWatts: number; passedMs: number }): number | undefined {
    const before = this.#total;
    if (Number.isNaN(before)) {
      this.#total = total;
      return undefined;
    }
    const fallen = this.#fallen;
    if (total < before && !fallen) {
      this.#fallen = { total, joules: byWatts };
      return undefined;
    }
    this.#fallen = undefined;
    this.#total = total;
    const grown = fallen && total < before ? total - fallen.total : total - before - (fallen?.joules ?? 0);
    if (grown > (MOST_WATTS * passedMs) / 1_000) return undefined;
    // Coarse counters stand still for a while: then watts would be counted twice, so that zero is an answer too.
    return Math.max(0, grown);
  }
}
