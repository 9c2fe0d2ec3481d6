export { showValue } from '../show-value.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
] as const;

/** A span for people in its two largest units: `4 min 40 s`, `5 min`, `2 d 3 h`, `0 s`. */
export function inWords(ms: number): string {
  const start = UNITS.findIndex(([size]) => ms >= size);
  if (start < 0) return '0 s';
  const pair = UNITS.slice(start, start + 2);
  const [least = SECOND] = pair.at(-1) ?? [];
  let rest = Math.round(ms / least) * least;
  const words: string[] = [];
  for (const [size, name] of pair) {
    const many = Math.floor(rest / size);
    rest -= many * size;
    if (many > 0) words.push(`${many} ${name}`);
  }
  return words.join(' ');
}
