/** What a trend says about when a series reaches a limit. Times in epoch ms. */
export type Forecast =
  | {
      kind: 'reaches';
      at: number;
      /** The true moment lies between these with 99 % certainty, if the trend goes on; no `latestAt` = it may also never. */
      earliestAt: number;
      latestAt?: number;
      perDay: number;
      level: number;
    }
  /** It is there already. */
  | { kind: 'reached'; level: number }
  | { kind: 'none'; reason: 'few-values' | 'not-rising' | 'unsure' | 'too-far' };

export interface TrendQuestion {
  /** Moments and values, oldest first. */
  points: readonly (readonly [number, number])[];
  limit: number;
  now: number;
}

const DAY = 86_400_000;
/** Enough that a trend is more than two lucky values. */
const LEAST = { points: 24, spanMs: DAY / 2 } as const;
/** A trend says nothing about a time further away than so many times what it was seen for. */
const REACH = 8;
/** More points cost more pairs and tell no more. */
const MOST_POINTS = 200;
/** Of a normal distribution: 99 % lie within so many standard deviations. */
const Z = 2.576;
/** A change so much larger than the usual one is a step: a deleted file, a copied one. */
const STEP = { deviations: 12, ofLimit: 0.005 } as const;
/** Steps that come back so often are part of the trend: a backup each night. */
const RECURRING = 3;

/**
 * When a series reaches its limit: the median slope of all pairs of points (Theil–Sen), with the interval of Sen 1968 by Kendall's
 * variance. A few lonely steps are taken out first, so that a deleted file does not hide a trend, nor a copied one make it.
 */
export function forecastOf({ points, limit, now }: TrendQuestion): Forecast {
  const used = thinned(points.filter(([at, value]) => Number.isFinite(value) && at <= now));
  const first = used[0];
  const last = used.at(-1);
  if (!first || !last || used.length < LEAST.points || last[0] - first[0] < LEAST.spanMs)
    return { kind: 'none', reason: 'few-values' };
  const newest = used.slice(-5);
  const level = median(newest.map(([, value]) => value));
  const levelAt = median(newest.map(([at]) => at));
  if (level >= limit) return { kind: 'reached', level };
  const slopes = slopesOf(withoutSteps(used, limit));
  const slope = quantileOf(slopes, 0.5);
  if (!(slope > 0)) return { kind: 'none', reason: 'not-rising' };
  const [low, high] = intervalOf(slopes, used.length);
  if (!(low > 0)) return { kind: 'none', reason: 'unsure' };
  const at = levelAt + (limit - level) / slope;
  if (at - last[0] > REACH * (last[0] - first[0])) return { kind: 'none', reason: 'too-far' };
  const latestAt = levelAt + (limit - level) / low;
  return {
    kind: 'reaches',
    at: Math.round(at),
    earliestAt: Math.round(levelAt + (limit - level) / high),
    ...(Number.isFinite(latestAt) && { latestAt: Math.round(latestAt) }),
    perDay: slope * DAY,
    level,
  };
}

/** Days from `now`; 0 when it is there, infinite when no trend says so. */
export function daysUntil(found: Forecast, now: number): number {
  if (found.kind === 'reached') return 0;
  return found.kind === 'reaches' ? Math.max(0, (found.at - now) / DAY) : Number.POSITIVE_INFINITY;
}

type Points = [number, number][];

function thinned(points: readonly (readonly [number, number])[]): Points {
  const stride = Math.ceil(points.length / MOST_POINTS);
  const offset = (points.length - 1) % Math.max(1, stride); // The newest stays.
  return points.filter((_, i) => i % Math.max(1, stride) === offset).map(([at, value]) => [at, value]);
}

/** Moves what lies before a lonely step to the level behind it. */
function withoutSteps(points: Points, limit: number): Points {
  const changes = points.slice(1).map(([, value], i) => value - (points[i]?.[1] ?? value));
  const usual = median(changes);
  const deviation = 1.4826 * median(changes.map((change) => Math.abs(change - usual)));
  const least = Math.max(STEP.deviations * deviation, STEP.ofLimit * Math.abs(limit));
  const isStep = (change: number): boolean => Math.abs(change - usual) > least;
  const ups = changes.filter((change) => isStep(change) && change > 0).length;
  const downs = changes.filter((change) => isStep(change) && change < 0).length;
  const isLonely = (change: number): boolean => isStep(change) && (change > 0 ? ups : downs) < RECURRING;
  const moved: Points = [];
  let shift = 0;
  for (let i = points.length - 1; i >= 0; i--) {
    const [at, value] = points[i] ?? [0, 0];
    moved.unshift([at, value + shift]);
    const change = changes[i - 1] ?? 0;
    if (i > 0 && isLonely(change)) shift += change - usual;
  }
  return moved;
}

function slopesOf(points: Points): Float64Array {
  const slopes = new Float64Array((points.length * (points.length - 1)) / 2);
  let many = 0;
  for (let i = 0; i < points.length; i++) {
    const [fromAt, from] = points[i] ?? [0, 0];
    for (let j = i + 1; j < points.length; j++) {
      const [toAt, to] = points[j] ?? [0, 0];
      if (toAt > fromAt) slopes[many++] = (to - from) / (toAt - fromAt);
    }
  }
  return slopes.subarray(0, many).sort();
}

function intervalOf(slopes: Float64Array, n: number): [number, number] {
  const spread = Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (place: number): number => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(place)))] ?? 0;
  return [at((slopes.length - spread) / 2), at((slopes.length + spread) / 2)];
}

const quantileOf = (sorted: Float64Array, share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? 0;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};
