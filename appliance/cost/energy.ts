import type { Slots } from './prices.ts';

/** A power at a moment, W. */
export interface PowerSample {
  at: number;
  watts: number;
}

/** Between two samples further apart than this many of their usual steps, nothing is known. */
const GAP_STEPS = 2.5;

/**
 * Energy of samples in each slot, Wh, by trapezoids over true times that are cut where slots meet. Samples may come in any order; of two at
 * the same moment the later in the list holds. A stretch longer than 2.5 steps is a gap: nothing is made up for it.
 */
export function integrate(samples: readonly PowerSample[], slots: Slots, stepMs: number): Float64Array {
  const wh = new Float64Array(slots.count);
  const ordered = [...new Map(samples.map((sample) => [sample.at, sample])).values()].sort((a, b) => a.at - b.at);
  for (let n = 1; n < ordered.length; n++) {
    const [a, b] = [ordered[n - 1], ordered[n]];
    if (a && b && b.at - a.at <= GAP_STEPS * stepMs) addStretch(wh, slots, [a, b]);
  }
  return wh;
}

function addStretch(wh: Float64Array, { first, slotMs, count }: Slots, [a, b]: [PowerSample, PowerSample]): void {
  const wattsAt = (at: number): number => a.watts + ((b.watts - a.watts) * (at - a.at)) / (b.at - a.at);
  for (let from = a.at; from < b.at; ) {
    const slot = Math.floor((from - first) / slotMs);
    const to = Math.min(b.at, first + (slot + 1) * slotMs);
    if (slot >= 0 && slot < count)
      wh[slot] = (wh[slot] ?? 0) + (((wattsAt(from) + wattsAt(to)) / 2) * (to - from)) / 3_600_000;
    from = to;
  }
}

/** What lies between a reading and the one before it: joules over the time that it stands for, never over a gap. */
export function joulesBetween(before: PowerSample | undefined, now: PowerSample, stepMs: number): number {
  const passed = before ? now.at - before.at : stepMs;
  if (passed <= 0) return 0;
  if (!before || passed > GAP_STEPS * stepMs) return (now.watts * Math.min(passed, stepMs)) / 1_000;
  return (((before.watts + now.watts) / 2) * passed) / 1_000;
}
