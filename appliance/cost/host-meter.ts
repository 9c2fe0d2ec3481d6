import type { Logger } from '../log.ts';
import { MINUTE_MS, SECOND_MS } from '../spans.ts';
import type { PowerSample } from './energy.ts';
import { type Counted, Meter, type Metered } from './meter.ts';
import { type Heard, type MeterReading, type Polled, SourceError } from './source.ts';

export interface HostMeterParts {
  hostId: string;
  log: Logger;
  now: () => number;
  opened: Polled | Heard;
  /** Up to where its counter is in history already. */
  counted(): Promise<Counted | undefined>;
  /** Its counter was read for the first time. */
  began(at: Counted): void;
  /** Writes energy of a time in which nobody asked. */
  repair(metered: Metered): Promise<void>;
}

const HEARD_STEP_MS = 4 * MINUTE_MS;
const ASK_LIMIT_MS = 10 * SECOND_MS;
/** What was counted over a longer stretch belongs to that stretch, not to the next row. */
const REPAIR_MS = 5 * MINUTE_MS;

/** The meter of one host: asks or hears it, and keeps what it counted until a row takes that along. */
export class HostMeter {
  readonly #parts: HostMeterParts;
  #meter: Meter | undefined;
  #end: (() => void) | undefined;
  #isOver = false;
  /** Joules that no row has taken along yet. */
  #pending = 0;
  /** Joules up to here are in rows. */
  #writtenAt = 0;
  problem: string | undefined;

  constructor(parts: HostMeterParts) {
    this.#parts = parts;
    void this.#begin();
  }

  get last(): PowerSample | undefined {
    return this.#meter?.last;
  }

  get pending(): number {
    return this.#pending;
  }

  /** How much of its counter is in rows, and up to when; undefined for one that does not count. */
  get counted(): Counted | undefined {
    const total = this.#meter?.total;
    return total === undefined ? undefined : { at: this.#writtenAt, joules: total - this.#pending };
  }

  wattsAt(at: number): number | undefined {
    return this.#meter?.wattsAt(at);
  }

  /** The joules for a row of that moment. */
  takeAlong(at: number): number {
    const joules = this.#pending;
    this.#pending = 0;
    this.#writtenAt = Math.max(this.#writtenAt, at);
    return joules;
  }

  stop(): void {
    this.#isOver = true;
    this.#end?.();
  }

  async #begin(): Promise<void> {
    const { opened, now, hostId, log } = this.#parts;
    const counted = await this.#parts.counted().catch((error) => {
      log.warn({ host: hostId, err: error }, 'where the counter of a power meter stood could not be read');
      return undefined;
    });
    if (this.#isOver) return;
    const at = now();
    const isPast = counted !== undefined && counted.at < at;
    this.#meter = new Meter(opened.how === 'poll' ? opened.everyMs : HEARD_STEP_MS, isPast ? counted : undefined);
    this.#writtenAt = at;
    this.#end = opened.how === 'poll' ? this.#poll(opened) : this.#hear(opened);
  }

  #hear({ hear }: Heard): () => void {
    return hear(
      (reading) => this.#take(reading),
      (error) => this.#fail(error),
    );
  }

  #poll({ everyMs, read }: Polled): () => void {
    let isBusy = false;
    const ask = async (): Promise<void> => {
      if (isBusy) return;
      isBusy = true;
      try {
        this.#take(await read(AbortSignal.timeout(Math.min(ASK_LIMIT_MS, everyMs))));
      } catch (error) {
        this.#fail(error);
      } finally {
        isBusy = false;
      }
    };
    const timer = setInterval(() => void ask(), everyMs).unref();
    void ask();
    return () => clearInterval(timer);
  }

  #take(reading: MeterReading): void {
    const meter = this.#meter;
    if (this.#isOver || !meter) return;
    this.problem = undefined;
    const isFirst = meter.total === undefined;
    const metered = meter.take(reading, this.#parts.now());
    if (metered && metered.to - metered.from > REPAIR_MS) {
      this.#writtenAt = Math.max(this.#writtenAt, metered.to);
      this.#parts.repair(metered).catch((error) => this.#fail(error));
    } else this.#pending += metered?.joules ?? 0;
    // What its first reading stands for is not of the counter.
    if (isFirst && meter.total !== undefined) this.#parts.began({ at: this.#writtenAt, joules: meter.total });
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const { hostId, log } = this.#parts;
    const text = error instanceof SourceError ? error.message : 'The meter did not answer in time';
    if (this.problem !== text) log.warn({ host: hostId, err: error }, 'a power meter could not be read');
    this.problem = text;
  }
}
