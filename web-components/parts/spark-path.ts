/** What a spark-line is drawn from; `Ring` fits. */
export interface Points {
  readonly length: number;
  at(index: number): number;
  value(index: number): number;
}

interface Box {
  width: number;
  height: number;
  /** Value at the upper edge; the lower one is `min`. */
  max: number;
  min: number;
  /** Points further apart are not joined. */
  gapMs: number;
}

/** SVG path of a series over its own span; a gap in values or in time begins a new piece. Empty for fewer than two points. */
export function sparkPath(points: Points, { width, height, max, min, gapMs }: Box): string {
  if (points.length < 2) return '';
  const from = points.at(0);
  const span = Math.max(1, points.at(points.length - 1) - from);
  const pieces: string[] = [];
  let lastAt = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < points.length; i += 1) {
    const value = points.value(i);
    const at = points.at(i);
    if (!Number.isFinite(value)) {
      lastAt = Number.NEGATIVE_INFINITY;
      continue;
    }
    const x = ((at - from) / span) * width;
    const y = height - ((Math.min(max, Math.max(min, value)) - min) / (max - min || 1)) * height;
    pieces.push(`${at - lastAt > gapMs ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`);
    lastAt = at;
  }
  return pieces.join('');
}
