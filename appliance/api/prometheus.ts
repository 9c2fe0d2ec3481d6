import type { Descriptor } from '../../protocol/metrics.ts';

/** One metric in the text form of Prometheus, with its samples. */
export interface Family {
  name: string;
  help: string;
  type: 'gauge' | 'counter';
  samples: { labels: Readonly<Record<string, string>>; value: number }[];
}

/** UCUM → the word that Prometheus appends, and what a value is multiplied by to be in that base unit. */
const UNITS: Readonly<Record<string, readonly [word: string, factor: number]>> = {
  '1': ['ratio', 1],
  '%': ['ratio', 0.01],
  By: ['bytes', 1],
  kBy: ['bytes', 1e3],
  KiBy: ['bytes', 1024],
  MBy: ['bytes', 1e6],
  MiBy: ['bytes', 1024 ** 2],
  'By/s': ['bytes_per_second', 1],
  bit: ['bits', 1],
  'bit/s': ['bits_per_second', 1],
  s: ['seconds', 1],
  ms: ['seconds', 1e-3],
  us: ['seconds', 1e-6],
  ns: ['seconds', 1e-9],
  min: ['seconds', 60],
  h: ['seconds', 3_600],
  d: ['seconds', 86_400],
  Cel: ['celsius', 1],
  W: ['watts', 1],
  mW: ['watts', 1e-3],
  kW: ['watts', 1e3],
  J: ['joules', 1],
  'W.h': ['joules', 3_600],
  'kW.h': ['joules', 3_600_000],
  V: ['volts', 1],
  mV: ['volts', 1e-3],
  A: ['amperes', 1],
  mA: ['amperes', 1e-3],
  Hz: ['hertz', 1],
  MHz: ['hertz', 1e6],
  GHz: ['hertz', 1e9],
  '1/s': ['per_second', 1],
};
/** Endings that belong to types of Prometheus which we do not have, or that name a type. */
const RESERVED = /_(?:total|count|sum|bucket|info|gauge|counter|histogram|summary)$/;

/** Word and factor of a unit; a count of things (`{process}`) has none, `{packet}/s` is per second. */
function unitOf(unit: string): readonly [string, number] {
  const bare = unit.replace(/\{[^}]*\}/g, '');
  if (bare === '') return ['', 1];
  if (bare !== unit && bare.startsWith('/')) return UNITS[`1${bare}`] ?? ['', 1];
  return UNITS[bare] ?? ['', 1];
}

/** A name that Prometheus takes, in its manner: `memUsed.bytes` → `mem_used_bytes`. */
const snake = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/^(?=\d)/, 'n');

/** Name and factor of a metric by the conventions of Prometheus: base units, unit as ending, `_total` for counters alone. */
export function namesOf(
  id: string,
  described: Pick<Descriptor, 'unit' | 'kind'> | undefined,
): { name: string; factor: number } {
  const [word, factor] = unitOf(described?.unit ?? '');
  let stem = snake(id) || 'metric';
  while (RESERVED.test(stem)) stem = stem.replace(RESERVED, '');
  const isSaid = word === '' || stem.endsWith(`_${word}`);
  const isPerTime = word.endsWith('per_second') && stem.endsWith('_rate');
  const bare = isPerTime ? stem.slice(0, -'_rate'.length) : stem;
  const name = isSaid ? stem : `${bare}_${word}`;
  return { name: described?.kind === 'counter' ? `${name}_total` : name, factor };
}

/** Labels that Prometheus takes. Names of ours come first and are never taken by an attribute. */
export function labelsOf(
  own: Readonly<Record<string, string>>,
  attributes: Readonly<Record<string, string>>,
): Record<string, string> {
  const labels: Record<string, string> = { ...own };
  for (const [name, value] of Object.entries(attributes)) {
    const plain = snake(name) || 'attribute';
    labels[plain in labels ? `attribute_${plain}` : plain] = value;
  }
  return labels;
}

const escapedValue = (text: string): string =>
  text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`)).replace(/\r/g, '');
const escapedHelp = (text: string): string => text.replace(/\\/g, '\\\\').replace(/[\r\n]+/g, ' ');

/** The text form 0.0.4: each family once, each sample once; the first of two with the same labels stands. */
export function exposition(families: Iterable<Family>): string {
  const lines: string[] = [];
  for (const { name, help, type, samples } of families) {
    const seen = new Set<string>();
    if (samples.length === 0) continue;
    lines.push(`# HELP ${name} ${escapedHelp(help)}`, `# TYPE ${name} ${type}`);
    for (const { labels, value } of samples) {
      const text = Object.entries(labels)
        .map(([label, each]) => `${label}="${escapedValue(each)}"`)
        .join(',');
      if (seen.has(text)) continue;
      seen.add(text);
      lines.push(`${name}${text ? `{${text}}` : ''} ${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
