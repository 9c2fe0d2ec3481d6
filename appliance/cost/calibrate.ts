/** An hour, or a part of one, in which a meter and what is to stand in for it were both known. */
export interface Pair {
  /** Of the meter, W. */
  watts: number;
  /** Use of the processors (0–1), or watts of RAPL. */
  by: number;
}

export interface Fit {
  /** Watts = base + slope × by. */
  base: number;
  slope: number;
  meanWatts: number;
  /** Mean difference between line and meter, as a share of the mean. */
  error: number;
}

/** Fewer say nothing about a line. */
const LEAST_PAIRS = 12;

/**
 * The line that lies closest to what a meter measured (least squares). Where the machine was always used alike, its slope cannot be known:
 * then `slope` is the one given, and the line goes through the mean. Undefined with fewer than twelve pairs.
 */
export function fitOf(pairs: readonly Pair[], usualSlope: number): Fit | undefined {
  if (pairs.length < LEAST_PAIRS) return undefined;
  const mean = (of: (pair: Pair) => number): number => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const [by, meanWatts] = [mean((pair) => pair.by), mean((pair) => pair.watts)];
  const spread = mean((pair) => (pair.by - by) ** 2);
  const together = mean((pair) => (pair.by - by) * (pair.watts - meanWatts));
  // A use that varies by less than two hundredths of its scale tells noise from no slope.
  const canTell = spread > (0.02 * Math.max(by, 0.05)) ** 2;
  const slope = Math.max(0, canTell ? together / spread : usualSlope);
  const base = Math.max(0, meanWatts - slope * by);
  const off = mean((pair) => Math.abs(base + slope * pair.by - pair.watts));
  return { base, slope, meanWatts, error: meanWatts > 0 ? off / meanWatts : 1 };
}
