/** One sample of a text in Prometheus' exposition format. */
export interface Exposed {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** What a text says: samples, and of each name its type and help. */
export interface Exposition {
  samples: Exposed[];
  types: Map<string, string>;
  helps: Map<string, string>;
  /** Lines that are none, by their number from 1. */
  odd: number[];
}

const SAMPLE = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/;
const LABEL = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/;
const SPECIAL: Readonly<Record<string, number>> = {
  '+Inf': Infinity,
  Inf: Infinity,
  '-Inf': -Infinity,
  NaN: Number.NaN,
};

function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest.trim() !== '') {
    const found = LABEL.exec(rest);
    if (!found) return undefined;
    labels[found[1] ?? ''] = (found[2] ?? '').replace(/\\(.)/g, (_whole, c: string) => (c === 'n' ? '\n' : c));
    rest = rest.slice(found[0].length);
  }
  return labels;
}

function sampleOf(line: string): Exposed | undefined {
  const found = SAMPLE.exec(line);
  if (!found) return undefined;
  const [, name = '', inside = '', text = ''] = found;
  const labels = labelsOf(inside);
  const value = SPECIAL[text] ?? Number(text);
  return labels && (text in SPECIAL || !Number.isNaN(value)) ? { name, labels, value } : undefined;
}

/** Reads the text format (exposition_formats.md, version 0.0.4). Moments of samples are passed over: what is read is from now. */
export function parseExposition(text: string): Exposition {
  const read: Exposition = { samples: [], types: new Map(), helps: new Map(), odd: [] };
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const [, what, name = '', rest = ''] = /^# (TYPE|HELP) (\S+) ?(.*)$/.exec(line) ?? [];
    if (what === 'TYPE') read.types.set(name, rest);
    else if (what === 'HELP') read.helps.set(name, rest);
    if (line.startsWith('#')) continue;
    const sample = sampleOf(line);
    if (sample) read.samples.push(sample);
    else read.odd.push(i + 1);
  }
  return read;
}
