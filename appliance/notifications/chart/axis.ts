const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 30, 90].map((days) => days * DAY_MS),
];

/** A round step that makes at most `most` of them in a range of values: 1, 2 or 5 times a power of ten. */
function valueStep(range: number, most: number): number {
  const least = range / most;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((each) => each * power >= least * 0.999) ?? 10);
}

export interface ValueAxis {
  least: number;
  most: number;
  marks: number[];
}

/** An axis on which all values and the threshold have room; a share that stays within 0 and 1 has an axis that does too. */
export function valueAxis(values: readonly number[], unit: string): ValueAxis {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isShare = unit === '1' && low >= 0 && high <= 1;
  const [from, to] = [low >= 0 && low < high * 0.7 ? 0 : low, isShare && high > 0.6 ? 1 : high];
  const step = valueStep(to - from || Math.abs(to) || 1, 5);
  const least = Math.floor(from / step + 1e-9) * step;
  const most = Math.max(Math.ceil(to / step - 1e-9) * step, least + step);
  const count = Math.round((most - least) / step);
  return {
    least,
    most,
    marks: Array.from({ length: count + 1 }, (_, n) => Number((least + n * step).toPrecision(12))),
  };
}

export interface TimeMark {
  at: number;
  text: string;
}

/** Round moments on the clocks of a zone: hours within two days, days beyond. */
export function timeMarks({ from, to }: { from: number; to: number }, timeZone: string, most: number): TimeMark[] {
  const step = TIME_STEPS.find((each) => (to - from) / each <= most) ?? to - from;
  const isDays = step >= DAY_MS;
  const form = new Intl.DateTimeFormat(
    'en-GB',
    isDays ? { timeZone, day: '2-digit', month: 'short' } : { timeZone, hour: '2-digit', minute: '2-digit' },
  );
  // A mark stands where the local clock is round, which is not where UTC is.
  const shift = offsetOf(from, timeZone);
  const marks: TimeMark[] = [];
  for (let at = Math.ceil((from + shift) / step) * step - shift; at <= to; at += step)
    marks.push({ at, text: form.format(at) });
  return marks;
}

/** How far the clocks of a zone are ahead of UTC, ms. */
function offsetOf(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((each) => each.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(at / 1_000) * 1_000;
}
