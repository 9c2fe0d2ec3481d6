import type { DescriptorInput } from './collectors/collector.ts';
import type { DeclaredSeries } from './series.ts';

/** A series as people read it: `system.network.io.rate eth0 receive`. */
export const seriesText = ({ metric, attributes }: DeclaredSeries): string =>
  [metric, ...Object.values(attributes)].join(' ');

const STEPS = ['', 'K', 'M', 'G', 'T', 'P'] as const;

/** A value with its unit as people read it; a gap is a dash. */
export function valueText(value: number | null, { unit, kind }: Pick<DescriptorInput, 'unit' | 'kind'>): string {
  if (value === null) return '–';
  if (kind === 'state') return String(value);
  if (unit === '1') return `${(value * 100).toFixed(1)} %`;
  if (unit === 'Cel') return `${value.toFixed(1)} °C`;
  if (unit.startsWith('By')) return `${scaled(value, 1024, 'iB')}${unit.slice(2)}`;
  if (unit.startsWith('bit')) return `${scaled(value, 1000, 'bit')}${unit.slice(3)}`;
  if (unit === 's' && value >= 60) return spanText(value * 1000);
  return `${Number(value.toPrecision(4))} ${unit.replace(/[{}]/g, '')}`.trim();
}

function scaled(value: number, base: number, name: string): string {
  const step = Math.min(
    STEPS.length - 1,
    Math.max(0, Math.floor(Math.log(Math.max(1, Math.abs(value))) / Math.log(base))),
  );
  const word = step === 0 && name === 'iB' ? 'B' : `${STEPS[step]}${name}`;
  return `${(value / base ** step).toFixed(step === 0 ? 0 : 1)} ${word}`;
}

/** A span as people say it, to the second from a minute on. */
export function spanText(ms: number): string {
  if (Math.abs(ms) < 60_000) return `${(ms / 1000).toFixed(Math.abs(ms) < 1_000 ? 3 : 1)} s`;
  const minutes = Math.floor(ms / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  return [days && `${days} d`, (days || hours) && `${hours} h`, `${minutes % 60} min`].filter(Boolean).join(' ');
}
