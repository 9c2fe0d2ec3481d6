import { COST_LIMITS } from '../../protocol/cost.ts';
import { HOUR_MS } from '../spans.ts';

/** Prices from moments on, in order: `[from, price per kWh]`. */
export type SpotLine = readonly (readonly [from: number, price: number])[];

/** A line of a file of prices that cannot be read. */
export class SpotError extends Error {
  override readonly name = 'SpotError';
  readonly code = 'invalid-csv';
}

const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)$/;
const PRICE = /^-?\d{1,7}(?:[.,]\d{1,8})?$/;
const MOST_LINES = 4 * 24 * COST_LIMITS.spotDays;

/**
 * Reads prices from CSV: a moment with its zone and a price on each line, parted by semicolon, tab or comma; a heading is passed over. The
 * zone must be written, because a day on which clocks go back has one hour twice. Fails with `SpotError`, which names the line.
 */
export function spotFromCsv(text: string, unit: 'kWh' | 'MWh'): { prices: SpotLine } {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  if (lines.length > MOST_LINES) throw new SpotError(`a file has at most ${MOST_LINES} lines: import it in parts`);
  const prices = new Map<number, number>();
  for (const [n, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const read = readLine(line, unit);
    if (read) prices.set(...read);
    else if (n > 0)
      throw new SpotError(`line ${n + 1} is not a moment with its zone and a price, as 2026-05-03T13:00+02:00;0.21`);
  }
  if (prices.size === 0) throw new SpotError('there is no price in it: write lines as 2026-05-03T13:00+02:00;0.21');
  return { prices: [...prices].sort(([a], [b]) => a - b) };
}

function readLine(line: string, unit: 'kWh' | 'MWh'): [number, number] | undefined {
  const parting = [';', '\t', ','].find((each) => line.includes(each)) ?? ';';
  const [moment = '', ...rest] = line.split(parting).map((part) => part.trim().replace(/^"(.*)"$/, '$1'));
  // Decimal commas only where something else parts the fields.
  const price = rest[0] ?? '';
  const [, day, time, zone] = MOMENT.exec(moment) ?? [];
  if (day === undefined || !PRICE.test(price) || rest.slice(1).some((more) => more !== '')) return undefined;
  const at = Date.parse(`${day}T${time}:00${zone}`);
  const value = Number(price.replace(',', '.')) / (unit === 'MWh' ? 1_000 : 1);
  return Number.isFinite(at) && Math.abs(value) <= 1_000 ? [at, value] : undefined;
}

/** A price holds until the next one, at most for so long: a hole in what was imported is a hole. */
const HOLDS_MS = HOUR_MS;

/** The price at a moment, by halving. */
export function priceAt(line: SpotLine, moment: number): number | undefined {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((line[middle]?.[0] ?? 0) <= moment) low = middle + 1;
    else high = middle;
  }
  const held = line[low - 1];
  return held && moment - held[0] < HOLDS_MS ? held[1] : undefined;
}
