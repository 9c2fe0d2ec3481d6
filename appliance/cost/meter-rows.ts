import type { LiveSeries } from '../../protocol/live.ts';
import { MINUTE_MS } from '../spans.ts';
import type { Metered } from './meter.ts';
import type { PoweredFrame, PowerSeries } from './power-series.ts';

/** A row that the appliance writes for a meter whose host sends no frames. */
export interface MeterRow extends PoweredFrame {
  seq: number;
  offsetMs: number;
}

export interface MeterRowsParts {
  series: PowerSeries;
  history: {
    highWaterMark(stream: string): number;
    append(rows: readonly MeterRow[]): Promise<void>;
  };
}

/** Whose rows, at which interval. */
interface Of {
  hostId: string;
  intervalMs: number;
}

/** What a counter made up for after an outage is laid on rows this far apart, as many as that at most. */
const REPAIR_MS = 5 * MINUTE_MS;
const MOST_REPAIR_ROWS = 7 * 24 * 12;
const NO_SERIES: readonly LiveSeries[] = [];

/** Rows of meters' own streams, at the interval of their hosts, so that no lane and no grid changes by them. */
export class MeterRows {
  readonly #parts: MeterRowsParts;

  constructor(parts: MeterRowsParts) {
    this.#parts = parts;
  }

  /** The next row of a host's meter, still without values. */
  next(of: Of, at: number): MeterRow {
    const [row] = this.#rows(of, [at], false);
    if (!row) throw new Error('one moment makes one row');
    return row;
  }

  append(row: MeterRow): Promise<void> {
    return this.#parts.history.append([row]);
  }

  /** The meter went on counting while nobody asked it: its energy is laid evenly on the time that it is of. Nobody is told: that is no reading. */
  async repair(of: Of, sourceId: string, { from, to, joules }: Metered): Promise<void> {
    const count = Math.min(MOST_REPAIR_ROWS, Math.ceil((to - from) / REPAIR_MS));
    const stepMs = (to - from) / count;
    const watts = (joules * 1_000) / (to - from);
    const moments = Array.from({ length: count }, (_, n) => Math.round(from + (n + 0.5) * stepMs));
    const rows = this.#rows(of, moments, true).map((row) =>
      this.#parts.series.add(row, sourceId, [watts, joules / count]),
    );
    await this.#parts.history.append(rows);
  }

  #rows({ hostId, intervalMs }: Of, moments: readonly number[], late: boolean): MeterRow[] {
    const stream = `power/${hostId}`;
    const mark = this.#parts.history.highWaterMark(stream);
    const same = { hostId, stream, late, intervalMs, offsetMs: 0, series: NO_SERIES, values: [] };
    return moments.map((at, n) => ({ ...same, at, seq: mark + 1 + n }));
  }
}
