import { DAY_MS, HOUR_MS, MINUTE_MS } from '../spans.ts';

/** A moment by the clocks of a zone. `weekday` 1 = Monday, `month` 1 = January. */
export interface LocalParts {
  year: number;
  month: number;
  day: number;
  weekday: number;
  minuteOfDay: number;
}

/**
 * The clocks of a time zone: which offset holds when. Offsets are asked of Intl once a day and searched for where they change, so that a
 * year in hours costs 366 questions instead of 8,784.
 */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** Offset at the beginning of each UTC day that was asked for, and where it changes within. */
  readonly #days = new Map<number, { at: number; before: number; after: number }>();

  constructor(name: string) {
    this.name = name;
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      second: 'numeric',
      ...numeric,
    });
  }

  /** What is added to UTC, ms. */
  offsetAt(at: number): number {
    const day = Math.floor(at / DAY_MS);
    let known = this.#days.get(day);
    if (!known) {
      known = this.#look(day * DAY_MS);
      this.#days.set(day, known);
    }
    return at < known.at ? known.before : known.after;
  }

  partsOf(at: number): LocalParts {
    const local = at + this.offsetAt(at);
    const date = new Date(local);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      weekday: ((date.getUTCDay() + 6) % 7) + 1,
      minuteOfDay: Math.floor((local - Math.floor(local / DAY_MS) * DAY_MS) / MINUTE_MS),
    };
  }

  /** First moment of a local day; months and days beyond their range go on, as in `Date.UTC`. */
  startOf(year: number, month: number, day: number): number {
    const local = Date.UTC(year, month - 1, day);
    const early = local - this.offsetAt(local - DAY_MS);
    const late = local - this.offsetAt(local + DAY_MS);
    const [first, second] = early <= late ? [early, late] : [late, early];
    return first + this.offsetAt(first) >= local ? first : second;
  }

  /** First moment of the local day that `at` lies in, or of the one so many days after it. */
  dayStart(at: number, plus = 0): number {
    const { year, month, day } = this.partsOf(at);
    return this.startOf(year, month, day + plus);
  }

  /** First moment of the local month that `at` lies in, or of the one so many months after it. */
  monthStart(at: number, plus = 0): number {
    const { year, month } = this.partsOf(at);
    return this.startOf(year, month + plus, 1);
  }

  yearStart(at: number, plus = 0): number {
    return this.startOf(this.partsOf(at).year + plus, 1, 1);
  }

  /** First moment of a day written as `2026-03-01`. */
  startOfDay(text: string): number {
    const [year = 1970, month = 1, day = 1] = text.split('-').map(Number);
    return this.startOf(year, month, day);
  }

  /** `2026-03-01`. */
  dayText(at: number): string {
    return new Date(at + this.offsetAt(at)).toISOString().slice(0, 10);
  }

  /** Whether the offset is a whole number of hours throughout, so that hours of the clock are hours of UTC. */
  isWholeHours(from: number, to: number): boolean {
    for (let at = from; at < to; at += 7 * DAY_MS) if (this.offsetAt(at) % HOUR_MS !== 0) return false;
    return this.offsetAt(to) % HOUR_MS === 0;
  }

  #look(from: number): { at: number; before: number; after: number } {
    const before = this.#ask(from);
    const after = this.#ask(from + DAY_MS - MINUTE_MS);
    if (before === after) return { at: from, before, after };
    let [low, high] = [from, from + DAY_MS - MINUTE_MS];
    while (high - low > MINUTE_MS) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
      if (this.#ask(middle) === before) low = middle;
      else high = middle;
    }
    return { at: high, before, after };
  }

  #ask(at: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(at)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
  }
}
