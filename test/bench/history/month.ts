import { MACHINE_SERIES, machineValues } from '../machine-values.ts';

/** The seeded data set: every machine sends all series each minute, on the minute, from `from` until just before `to` (epoch ms). */
export interface Month {
  machines: number;
  from: number;
  to: number;
  /** Samples of each series. */
  rows: number;
}

export const STEP_MS = 60_000;
export const METRICS = MACHINE_SERIES.map(([metric]) => metric);

const DAY = 86_400_000;
/** Noon: half a day is still open, as on average in life. */
const ENDS_AT = Date.UTC(2025, 11, 1, 12);

export function monthOf(machines: number, days: number): Month {
  return { machines, from: ENDS_AT - days * DAY, to: ENDS_AT, rows: (days * DAY) / STEP_MS };
}

export const samplesOf = ({ machines, rows }: Month): number => machines * rows * METRICS.length;

/** The same id on every run, in the form that documents have. */
export const hostOf = (machine: number): string =>
  `00000000-0000-7000-8000-${(machine + 1).toString().padStart(12, '0')}`;

/** Values of one machine, a column for each of `METRICS`. */
export function columnsOf(machine: number, { from, rows }: Month): Float64Array[] {
  const next = machineValues(machine, STEP_MS / 1_000);
  const columns = METRICS.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    for (const [at, value] of next((from + row * STEP_MS) / 1_000).entries())
      (columns[at] as Float64Array)[row] = value;
  }
  return columns;
}

/** The values of all machines minute by minute: `[epoch ms, values of each machine]`. */
export function* minutesOf({ machines, from, rows }: Month): Generator<[number, number[][]]> {
  const next = Array.from({ length: machines }, (_, machine) => machineValues(machine, STEP_MS / 1_000));
  for (let row = 0; row < rows; row++) {
    const at = from + row * STEP_MS;
    yield [at, next.map((values) => values(at / 1_000))];
  }
}

/** Averages of a column in steps: step i begins at `from + i × stepMs`. What every store has to answer. */
export function averagesOf(column: Float64Array, month: Month, range: { from: number; stepMs: number }): number[] {
  const perStep = range.stepMs / STEP_MS;
  const first = (range.from - month.from) / STEP_MS;
  return Array.from({ length: (month.rows - first) / perStep }, (_, step) => {
    const part = column.subarray(first + step * perStep, first + (step + 1) * perStep);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
