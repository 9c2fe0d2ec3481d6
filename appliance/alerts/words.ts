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

const STEPS = ['', 'k', 'M', 'G', 'T', 'P'];

function scaled(value: number, unit: string): string {
  let size = Math.abs(value);
  let step = 0;
  while (size >= 1_000 && step < STEPS.length - 1) {
    size /= 1_000;
    step += 1;
  }
  return `${value < 0 ? '−' : ''}${digits(size)} ${STEPS[step] ?? ''}${unit}`;
}

const digits = (value: number): string => String(Number(value.toPrecision(3)));

/** A value of a metric for people, by its UCUM unit: shares as percent, bytes in steps of a thousand. */
export function showValue(value: number, unit = ''): string {
  if (!Number.isFinite(value)) return 'never';
  if (unit === '1') return `${digits(value * 100)} %`;
  if (unit === 'By') return scaled(value, 'B');
  if (unit === 'By/s') return scaled(value, 'B/s');
  if (unit === 'bit/s') return scaled(value, 'bit/s');
  if (unit === 'Cel') return `${digits(value)} °C`;
  if (unit === 's') return `${digits(value)} s`;
  const plain = unit.replace(/[{}]/g, '');
  return plain ? `${digits(value)} ${plain}` : digits(value);
}
