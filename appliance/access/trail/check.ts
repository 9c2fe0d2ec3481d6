import type { TrailVerdict } from '../../../protocol/routes/trail.ts';
import type { Collection } from '../../store/documents.ts';
import { type Flaw, type Place, Walk } from './chain.ts';
import type { Entry } from './documents.ts';
import type { TrailKeys } from './keys.ts';

/** Entries that are read at once: below 8 ms on slow machines. */
export const WINDOW = 250;

/** Entries from one number up to another, that one left out, in order. */
export function between(entries: Collection<Entry>, from: number, end: number): Promise<Entry[]> {
  return entries.find({ seq: { gte: from, lt: end } }, { sort: { by: 'seq', order: 'up' } });
}

/** Portions of entries from before `end` down to behind `anchor`, newest first. */
export async function* backwards(entries: Collection<Entry>, anchor: number, end: number): AsyncGenerator<Entry[]> {
  for (let to = end; to > anchor + 1; to = Math.max(anchor + 1, to - WINDOW))
    yield (await between(entries, Math.max(anchor + 1, to - WINDOW), to)).reverse();
}

interface Chain {
  entries: Collection<Entry>;
  keys: TrailKeys;
  anchor: Place;
  head: Place;
  /** What is known to be wrong already. */
  known: readonly Flaw[];
}

/** Walks the whole chain from anchor to head, in slices, and says what is wrong with it. */
export async function checkChain({
  entries,
  keys,
  anchor,
  head,
  known,
}: Chain): Promise<Omit<TrailVerdict, 'checkedAt'>> {
  const walk = new Walk(anchor, (seq) => keys.of(seq));
  for (const { seq, text } of known) walk.flaw(seq, text);
  for (let from = anchor.seq + 1; from <= head.seq; from += WINDOW) {
    for (const entry of await between(entries, from, Math.min(from + WINDOW, head.seq + 1))) walk.step(entry);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (walk.end.seq < head.seq) walk.missing(head.seq);
  else if (walk.end.hash !== head.hash) walk.flaw(head.seq, 'the newest entry is not the one that was written last');
  for (const { seq, what, who } of await entries.find({ seq: { gte: head.seq + 1 } }, { limit: 5 }))
    walk.flaw(seq, `an entry stands behind the end: ${what} by ${who}`);
  const state = walk.flaws.length > 0 ? 'broken' : keys.isOneGone ? 'unproven' : 'intact';
  return { state, entries: walk.entries, seq: head.seq, hash: head.hash, problems: walk.flaws };
}
