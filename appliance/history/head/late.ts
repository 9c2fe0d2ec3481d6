import type { Span } from '../../store/history-engine.ts';

/** Two late rows further apart than this many intervals are two stretches, as for gaps. */
const LONGEST_INTERVALS = 2.5;
/** Beyond it the nearest stretches become one: this is a mark in a chart, not a count. */
const MOST_SPANS = 64;

/** Remembers which stretches were back-filled. */
export class Late {
  #spans: [from: number, to: number][] = [];

  get spans(): readonly Span[] {
    return this.#spans;
  }

  add(at: number, intervalMs: number): void {
    const reach = LONGEST_INTERVALS * intervalMs;
    const last = this.#spans.at(-1);
    if (last && at >= last[0] - reach && at <= last[1] + reach) {
      last[0] = Math.min(last[0], at);
      last[1] = Math.max(last[1], at);
      return;
    }
    this.#spans.push([at, at]);
    if (this.#spans.length > MOST_SPANS) this.#spans = mergeSpans(this.#spans, reach, MOST_SPANS / 2);
  }
}

/** Stretches in order, those no further apart than `reach` as one; then the nearest ones as one until at most `most` are left. */
export function mergeSpans(spans: readonly Span[], reach: number, most = Number.POSITIVE_INFINITY): [number, number][] {
  if (spans.length === 0) return [];
  const merged: [number, number][] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1] + reach) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged.length > most ? mergeSpans(merged, nthDistance(merged, merged.length - most), most) : merged;
}

/** A distance that at least `n` neighbours do not exceed. */
function nthDistance(spans: readonly Span[], n: number): number {
  const distances = spans.slice(1).map(([from], i) => from - (spans[i]?.[1] ?? from));
  return distances.sort((a, b) => a - b)[n - 1] ?? 0;
}
