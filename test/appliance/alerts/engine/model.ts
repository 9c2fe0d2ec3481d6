import type { Verdict } from '../../../../appliance/alerts/conditions/condition.ts';
import type { Pace } from '../../../../appliance/alerts/engine/sustain.ts';

export interface Sample {
  at: number;
  verdict: Verdict;
}

interface Span {
  from: number;
  /** Absent: it is never over. */
  to?: number;
}

/**
 * What the alert of a whole series must have told, found by looking at the series as a whole, with no state carried along: first
 * the spans in which the condition counts, by searching for their ends; then flapping over these ends; then stale by the holes.
 */
export function modelOf(samples: readonly Sample[], pace: Pace, untilAt: number): string[] {
  const spans = spansOf(samples, pace);
  const edges = spans.flatMap(({ from, to }) => [
    { at: from, isFire: true },
    ...(to === undefined ? [] : [{ at: to, isFire: false }]),
  ]);
  const told: { at: number; order: number; text: string }[] = [];
  const open: Span[] = [];
  let recent: number[] = [];
  let heldUntil = Number.NEGATIVE_INFINITY;
  const isIn = (at: number): boolean => spans.some(({ from, to }) => from <= at && (to === undefined || at < to));
  /** Ticks come on whole seconds. */
  const tickAfter = (at: number): number => Math.ceil(at / 1_000) * 1_000;
  const settleAt = (): number => tickAfter(heldUntil);
  const settle = (): void => {
    const at = settleAt();
    heldUntil = Number.NEGATIVE_INFINITY;
    recent = [];
    if (at >= untilAt) return;
    const isFiring = isIn(at);
    told.push({ at, order: 0, text: `${isFiring ? 'settled' : 'resolved'}@${at}` });
    if (!isFiring) close(at);
  };
  const close = (at: number): void => {
    const last = open.at(-1);
    if (last) last.to = at;
  };
  for (const { at, isFire } of edges) {
    // A tick at the moment of a value comes after it.
    if (heldUntil > Number.NEGATIVE_INFINITY && settleAt() < at) settle();
    if (heldUntil > Number.NEGATIVE_INFINITY) continue;
    recent = [...recent, at].filter((each) => at - each < 300_000).slice(-5);
    const isFlapping = recent.length === 5;
    if (isFlapping) heldUntil = at + 900_000;
    if (isFire) {
      told.push({ at, order: 1, text: `fired@${at}` });
      open.push({ from: at });
    } else if (isFlapping) told.push({ at, order: 1, text: `flapping@${at}` });
    else {
      told.push({ at, order: 1, text: `resolved@${at}` });
      close(at);
    }
  }
  if (heldUntil > Number.NEGATIVE_INFINITY) settle();
  for (const span of open) told.push(...holesOf(samples, span, { gapMs: pace.gapMs, untilAt, told }));
  return told.sort((a, b) => a.at - b.at || a.order - b.order).map(({ text }) => text);
}

/** Stretches in which the condition counts. */
function spansOf(samples: readonly Sample[], pace: Pace): Span[] {
  const spans: Span[] = [];
  for (let i = 0; i < samples.length; ) {
    const start = samples.findIndex(({ verdict }, at) => at >= i && verdict === 'broken');
    if (start < 0) return spans;
    const { fired, next } = sustained(samples, start, pace);
    if (fired === undefined) {
      i = next;
      continue;
    }
    const end = endOf(samples, fired, pace);
    spans.push({ from: samples[fired]?.at ?? 0, ...(end !== undefined && { to: samples[end]?.at ?? 0 }) });
    if (end === undefined) return spans;
    i = end + 1;
  }
  return spans;
}

const gapBefore = (samples: readonly Sample[], i: number): number =>
  (samples[i]?.at ?? 0) - (samples[i - 1]?.at ?? Number.NEGATIVE_INFINITY);

/** Known time behind `start` up to and with `end`, of values that pass. */
function known(
  samples: readonly Sample[],
  [start, end]: [number, number],
  pass: (sample: Sample) => boolean,
  gapMs = 0,
): number {
  let sum = 0;
  for (let i = start + 1; i <= end; i++) {
    const sample = samples[i];
    const gap = gapBefore(samples, i);
    if (sample && gap <= gapMs && pass(sample)) sum += gap;
  }
  return sum;
}

/** Where a pending that begins at `start` fires, or where to look for the next. */
function sustained(
  samples: readonly Sample[],
  start: number,
  { forMs, share, gapMs }: Pace,
): { fired?: number; next: number } {
  if (forMs === 0) return { fired: start, next: start };
  const slack = Math.round((1 - share) * forMs);
  for (let i = start + 1; i < samples.length; i++) {
    if (gapBefore(samples, i) > Math.max(forMs, gapMs)) return { next: i };
    const isBroken = samples[i]?.verdict === 'broken';
    const other = known(samples, [start, i], ({ verdict }) => verdict !== 'broken', gapMs);
    if (!isBroken && (slack === 0 || other > slack)) return { next: i + 1 };
    if (isBroken && known(samples, [start, i], () => true, gapMs) >= forMs) return { fired: i, next: i };
  }
  return { next: samples.length };
}

/** The first value by which it was clear for long enough without a break or a hole. */
function endOf(samples: readonly Sample[], fired: number, { clearForMs, gapMs }: Pace): number | undefined {
  for (let end = fired + 1; end < samples.length; end++) {
    if (samples[end]?.verdict !== 'clear') continue;
    let first = end;
    while (first - 1 > fired && samples[first - 1]?.verdict === 'clear' && gapBefore(samples, first) <= gapMs)
      first -= 1;
    if ((samples[end]?.at ?? 0) - (samples[first]?.at ?? 0) >= clearForMs) return end;
  }
  return undefined;
}

interface Holes {
  gapMs: number;
  untilAt: number;
  told: readonly { at: number }[];
}

/** Where values of an open alert stop, and come back. */
function holesOf(
  samples: readonly Sample[],
  { from, to = Number.POSITIVE_INFINITY }: Span,
  { gapMs, untilAt, told }: Holes,
) {
  const found: { at: number; order: number; text: string }[] = [];
  const inside = samples.filter(({ at }) => at >= from);
  for (const [i, { at }] of inside.entries()) {
    const nextAt = inside[i + 1]?.at ?? untilAt;
    // The first tick that is later than the gap allows; a tick that ends a hold does nothing else.
    const firstAt = Math.floor((at + gapMs) / 1_000) * 1_000 + 1_000;
    const staleAt = told.some((each) => each.at === firstAt) ? firstAt + 1_000 : firstAt;
    if (at >= to || staleAt >= nextAt || staleAt >= to) continue;
    found.push({ at: staleAt, order: 0, text: `stale@${staleAt}` });
    // A change that the value itself makes says that it is back, too.
    if (nextAt < untilAt && nextAt < to && !told.some((each) => each.at === nextAt))
      found.push({ at: nextAt, order: 2, text: `fresh@${nextAt}` });
  }
  return found;
}
