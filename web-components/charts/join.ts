import type { Line } from './line.ts';

/** Parts of a line in the making. */
interface Parts {
  at: number[];
  average: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
}

/** A series as `GET …/history` answers it, with what the whole answer says about steps. */
export interface Past {
  at: readonly number[];
  average: readonly (number | null)[];
  min: readonly (number | null)[];
  max: readonly (number | null)[];
  /** End of what was asked for. */
  to: number;
  stepMs: number;
}

/** Live points; `Ring` fits. */
export interface Tail {
  readonly length: number;
  at(index: number): number;
  value(index: number): number;
  indexFrom(from: number): number;
}

export interface Joined {
  from: number;
  to: number;
  /** Points further apart are not joined. */
  gapMs: number;
}

function push(parts: Parts, at: number, [average, min, max]: readonly (number | null)[]): void {
  parts.at.push(at);
  parts.average.push(average ?? null);
  parts.min.push(min ?? null);
  parts.max.push(max ?? null);
}

/** A null between two points that are too far apart, so that no line is drawn over what nobody read. */
function gapBefore(parts: Parts, at: number, gapMs: number): void {
  const last = parts.at.at(-1);
  if (last !== undefined && at - last > gapMs && parts.average.at(-1) !== null) push(parts, last + 1, [null]);
}

function addPast(parts: Parts, past: Past, { from, to, gapMs }: Joined): void {
  // A step's value stands for all of it, so it is drawn in its middle; a point of its own time has no step to speak of.
  const middle = past.stepMs * 2 > gapMs ? past.stepMs / 2 : 0;
  const gap = Math.max(gapMs, past.stepMs * 1.5);
  for (const [i, start] of past.at.entries()) {
    const at = Math.min(start + middle, past.to);
    const average = past.average[i] ?? null;
    // Steps shorter than the interval are empty by nature: the gap rule tells those from real gaps.
    if (start < from - past.stepMs || at > to || (average === null && past.stepMs * 2 <= gapMs)) continue;
    gapBefore(parts, at, gap);
    push(parts, at, [average, past.min[i] ?? average, past.max[i] ?? average]);
  }
}

function addTail(parts: Parts, tail: Tail, { from, to, gapMs }: Joined): void {
  const last = parts.at.at(-1);
  for (let i = tail.indexFrom(Math.max(from, (last ?? from - 1) + 1)); i < tail.length; i += 1) {
    const at = tail.at(i);
    if (at > to) return;
    const value = tail.value(i);
    gapBefore(parts, at, gapMs);
    const known = Number.isNaN(value) ? null : value;
    push(parts, at, [known, known, known]);
  }
}

/** History and live points of one series as one line from `from` to `to`; live begins where history ends. */
export function joinLine(
  { id, label }: Pick<Line, 'id' | 'label'>,
  { past, tail }: { past: Past | undefined; tail: Tail | undefined },
  joined: Joined,
): Line {
  const parts: Parts = { at: [], average: [], min: [], max: [] };
  if (past) addPast(parts, past, joined);
  const pastGap = Math.max(joined.gapMs, (past?.stepMs ?? 0) * 1.5);
  if (tail) addTail(parts, tail, { ...joined, gapMs: parts.at.length > 0 ? pastGap : joined.gapMs });
  const isBand = parts.average.some((value, i) => parts.min[i] !== value || parts.max[i] !== value);
  return { id, label, at: parts.at, average: parts.average, ...(isBand && { min: parts.min, max: parts.max }) };
}
