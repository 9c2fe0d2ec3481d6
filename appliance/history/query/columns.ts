import type { StepValue } from '../../../protocol/routes/history.ts';
import type { Buckets } from './buckets.ts';

type Fill = (buckets: Buckets, out: Float64Array) => void;

/** NaN where a step has no value. Of a single value the average is that value exactly. */
const FILLS: Record<StepValue, Fill> = {
  average: ({ count, sum, hasMany }, out) => {
    if (!hasMany) return copyKnown(count, sum, out);
    for (let step = 0; step < out.length; step++) {
      const many = count[step] ?? 0;
      const value = many === 0 ? Number.NaN : (sum[step] ?? 0);
      out[step] = many > 1 ? value / many : value;
    }
  },
  min: ({ count, min }, out) => copyKnown(count, min, out),
  max: ({ count, max }, out) => copyKnown(count, max, out),
  count: ({ count }, out) => out.set(count),
};

function copyKnown(count: Uint32Array, values: Float64Array, out: Float64Array): void {
  for (let step = 0; step < out.length; step++) out[step] = count[step] === 0 ? Number.NaN : (values[step] ?? 0);
}

/** One column of a series, a number for each step; in `out`, which has as many, where it is given. */
export function columnOf(
  buckets: Buckets,
  value: StepValue,
  { rounded = false, out = new Float64Array(buckets.count.length) }: { rounded?: boolean; out?: Float64Array } = {},
): Float64Array {
  FILLS[value](buckets, out);
  if (!rounded || value !== 'average' || !buckets.hasMany) return out;
  for (let step = 0; step < out.length; step++)
    if ((buckets.count[step] ?? 0) > 1) out[step] = sevenDigits(out[step] ?? Number.NaN);
  return out;
}

const LARGEST_POWER = 15;
/** Those that leave seven digits before the point, of 10^−15 to 10^15; a power takes ten times as long as to look it up. */
const FACTORS = Array.from({ length: 2 * LARGEST_POWER + 1 }, (_, n) => 10 ** (6 + LARGEST_POWER - n));

/** More than a chart can show, and less to send. NaN stays. */
export function sevenDigits(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || !(size < 1e15) || size < 1e-15) return value;
  const factor = FACTORS[LARGEST_POWER + Math.floor(Math.log10(size))] ?? 1;
  return Math.round(value * factor) / factor;
}
