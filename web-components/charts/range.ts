import { msg } from '../msg.ts';

/** What a chart shows: the last minutes live, a span up to now, or a fixed stretch of the past. */
export type Range = { kind: 'live' } | { kind: 'span'; spanMs: number } | { kind: 'fixed'; from: number; to: number };

export const LIVE_SPAN_MS = 5 * 60_000;

const HOUR_MS = 3_600_000;
const SPANS: Record<string, number> = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS, '30d': 720 * HOUR_MS };

/** The ranges to choose from, as they stand in the address. */
export const rangeChoices = (): readonly { id: string; title: string; long: string }[] => [
  { id: 'live', title: msg('Live'), long: msg('The last 5 minutes, live') },
  { id: '1h', title: msg('1 h'), long: msg('The last hour') },
  { id: '24h', title: msg('24 h'), long: msg('The last 24 hours') },
  { id: '7d', title: msg('7 d'), long: msg('The last 7 days') },
  { id: '30d', title: msg('30 d'), long: msg('The last 30 days') },
];

/** Reads `live`, `1h` … `7d` or `from-to` in epoch ms; anything else is live. */
export function parseRange(text: string | null | undefined): Range {
  const spanMs = SPANS[text ?? ''];
  if (spanMs !== undefined) return { kind: 'span', spanMs };
  const [from, to] = (text ?? '').split('-').map(Number);
  const isStretch = from !== undefined && to !== undefined && Number.isFinite(from) && Number.isFinite(to);
  return isStretch && to - from >= 1_000 ? { kind: 'fixed', from, to } : { kind: 'live' };
}

/** The address form of a range; undefined for live, which is what nothing means. */
export function printRange(range: Range): string | undefined {
  if (range.kind === 'live') return undefined;
  if (range.kind === 'fixed') return `${Math.round(range.from)}-${Math.round(range.to)}`;
  return Object.keys(SPANS).find((id) => SPANS[id] === range.spanMs);
}

/** The stretch of time that a range means at `now`. */
export function windowOf(range: Range, now: number): { from: number; to: number } {
  if (range.kind === 'fixed') return { from: range.from, to: range.to };
  return { from: now - (range.kind === 'live' ? LIVE_SPAN_MS : range.spanMs), to: now };
}

/** After how long history is to be read again, so that the live tail stays short beside the rest and within its buffers. */
export function rereadAfterMs(range: Range): number {
  if (range.kind === 'fixed') return Number.POSITIVE_INFINITY;
  return range.kind === 'live' ? 10 * 60_000 : Math.min(15 * 60_000, Math.max(60_000, range.spanMs / 20));
}
