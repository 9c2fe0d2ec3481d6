import { z } from 'zod';

/** OpenTelemetry name of a metric. Names from outside may be odd, so only what could do harm is refused. */
export const metricId = z
  .string()
  .min(1)
  .max(120)
  .regex(
    /^[^\p{Cc}\p{Cf}\u2028\u2029{}"\\]+$/u,
    'a metric name has no control characters, braces, quotes or backslashes',
  );

export const attributeName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/);
export const attributeValue = z.string().max(256);
export const attributes = z
  .record(attributeName, attributeValue)
  .refine((all) => Object.keys(all).length <= 8, 'a series has at most 8 attributes');
export type Attributes = z.infer<typeof attributes>;

/** Where a metric is drawn: charts with the same group share one canvas; `card` puts it on the host card. */
export const chartHint = z.object({
  group: z.string().max(64),
  order: z.number().int().default(100),
  style: z.enum(['line', 'area', 'stack']).default('line'),
  card: z.enum(['cpu', 'memory', 'disk', 'network-in', 'network-out']).exactOptional(),
});

/** What a metric is. Collectors carry theirs and send them, so a new one shows up in charts, rules and exports by itself. */
export const descriptor = z.object({
  id: metricId,
  title: z.string().min(1).max(120),
  /** UCUM: `1` for a share of 0–1, `By`, `By/s`, `Cel`, `s`, `W`, `{process}`. */
  unit: z.string().max(24),
  /** Counters are turned into rates on the agent; `counter` is left for energy and the like. */
  kind: z.enum(['gauge', 'rate', 'counter', 'state']),
  /** How points fold into a longer step; bytes in use keep their `last` value, because a mean destroys their quantum. */
  rollup: z.enum(['average', 'last', 'sum']),
  attributes: z.array(attributeName).max(8).default([]),
  min: z.number().exactOptional(),
  max: z.number().exactOptional(),
  chart: chartHint.exactOptional(),
});
export type Descriptor = z.infer<typeof descriptor>;

/** Metric and attributes: what a series is called, on every side. */
export interface SeriesIdentity {
  metric: string;
  attributes: Attributes;
}

const escaped = (value: string): string => value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));

/** The one text form of a series, `metric{k="v",…}` with sorted keys, as in Prometheus' exposition. Equal series have equal keys. */
export function seriesKey({ metric, attributes: named }: SeriesIdentity): string {
  const names = Object.keys(named).sort();
  if (names.length === 0) return metric;
  return `${metric}{${names.map((name) => `${name}="${escaped(named[name] ?? '')}"`).join(',')}}`;
}
