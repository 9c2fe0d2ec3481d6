import { language, msg } from './msg.ts';

/** No-break space, so that a number never parts from its unit. */
export const NBSP = '\u00a0';
/** What stands for a value that nobody has. */
export const NOTHING = '–';

/** A number as text and its unit, apart so that columns can be aligned. */
export interface Measure {
  number: string;
  unit: string;
}

export interface QuantityOptions {
  /** Network rates: `By/s` is shown as bit/s. */
  bits?: boolean;
  /** Memory: powers of 1,024 with KiB, MiB, GiB. */
  binary?: boolean;
}

const formats = new Map<string, Intl.NumberFormat>();

function rounded(value: number, options: Intl.NumberFormatOptions): string {
  const key = `${language()} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language(), { useGrouping: 'min2', ...options });
  formats.set(key, format);
  const text = format.format(value);
  return text === '-0' ? '0' : text;
}

/** Three significant digits, never fewer than the whole part: 1.64, 16.4, 164, 1,640. */
const significant = (value: number): string =>
  Math.abs(value) >= 100
    ? rounded(value, { maximumFractionDigits: 0 })
    : rounded(value, { maximumSignificantDigits: 3, maximumFractionDigits: 2, roundingPriority: 'lessPrecision' });

const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

function scaled(value: number, unit: string, binary: boolean): Measure {
  const base = binary ? 1024 : 1000;
  const prefixes = binary ? BINARY : DECIMAL;
  let step = 0;
  let rest = value;
  // 999.5 would round to "1,000": it belongs to the next prefix.
  while (Math.abs(rest) >= (binary ? 1023.5 : 999.5) && step < prefixes.length - 1) {
    rest /= base;
    step += 1;
  }
  const number = step === 0 && unit === 'B' ? rounded(rest, { maximumFractionDigits: 0 }) : significant(rest);
  return { number, unit: `${prefixes[step] ?? ''}${unit}` };
}

/** A share of 0–1: one decimal below ten per cent, none above. */
function percent(share: number): Measure {
  const value = share * 100;
  return { number: rounded(value, { maximumFractionDigits: Math.abs(value) < 9.95 ? 1 : 0 }), unit: '%' };
}

function seconds(value: number): Measure {
  const size = Math.abs(value);
  if (size > 0 && size < 1e-3) return { number: significant(value * 1e6), unit: 'µs' };
  if (size > 0 && size < 1) return { number: significant(value * 1e3), unit: 'ms' };
  if (size < 60) return { number: significant(value), unit: 's' };
  if (size < 3_600) return { number: significant(value / 60), unit: 'min' };
  if (size < 86_400) return { number: significant(value / 3_600), unit: 'h' };
  return { number: rounded(value / 86_400, { maximumFractionDigits: size < 864_000 ? 1 : 0 }), unit: 'd' };
}

const SCALED: Record<string, string> = { By: 'B', 'By/s': 'B/s', Hz: 'Hz', J: 'J', 'bit/s': 'b/s', W: 'W' };

/** Number and unit of a value in a UCUM unit, with sensible precision. Annotations such as `{process}` are left out. */
export function measure(value: number, unit: string, options: QuantityOptions = {}): Measure {
  if (unit === '1') return percent(value);
  if (unit === '%') return percent(value / 100);
  if (unit === 's') return seconds(value);
  if (unit === 'ms') return seconds(value / 1_000);
  if (unit === 'Cel') return { number: rounded(value, { maximumFractionDigits: 0 }), unit: '°C' };
  if (unit === 'By/s' && options.bits) return scaled(value * 8, 'b/s', false);
  const base = SCALED[unit];
  if (base !== undefined && (unit !== 'W' || Math.abs(value) >= 10_000)) {
    return scaled(value, base, (options.binary ?? false) && unit.startsWith('By'));
  }
  return { number: significant(value), unit: unit.replace(/\{[^}]*\}/g, '') };
}

/** A value as people read it: `0.4 %`, `1.64 TB`, `812 Mb/s`; `–` for null, NaN and infinities. */
export function formatValue(value: number | null | undefined, unit: string, options: QuantityOptions = {}): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const { number, unit: suffix } = measure(value, unit, options);
  return suffix === '' ? number : `${number}${NBSP}${suffix}`;
}

/** `1.64 TB of 2 TB`. */
export const formatOf = (used: number, total: number, options: QuantityOptions = {}): string =>
  msg('{used} of {total}', { used: formatValue(used, 'By', options), total: formatValue(total, 'By', options) });

/** How a metric's values are shown: network rates in bit/s, memory in powers of 1,024. */
export function quantityOptions(metric: string): QuantityOptions {
  if (/(^|\.)network\./.test(metric)) return { bits: true };
  if (/(^|\.)(memory|paging|swap)(\.|$)/.test(metric)) return { binary: true };
  return {};
}
