import type { Collection } from '../../store/documents.ts';
import type { Place } from './chain.ts';
import { between, WINDOW } from './check.ts';
import type { Entry } from './documents.ts';

/** Entries younger than that are never pruned, whatever the settings say. */
export const LEAST_KEPT_MS = 90 * 86_400_000;

/**
 * The last entry of the unbroken stretch at the front that is older than `before`; only from the front may anything go, and the
 * newest entry always stays, because the head vouches for it.
 */
export async function lastBefore(
  entries: Collection<Entry>,
  { anchor, head, before }: { anchor: Place; head: Place; before: number },
): Promise<Entry | undefined> {
  let last: Entry | undefined;
  for (let from = anchor.seq + 1; from < head.seq; from += WINDOW) {
    const some = await between(entries, from, Math.min(from + WINDOW, head.seq));
    const firstKept = some.findIndex(({ at }) => at >= before);
    if (firstKept >= 0) return some[firstKept - 1] ?? last;
    last = some.at(-1) ?? last;
  }
  return last;
}

/** Takes entries up to `seq` away. The anchor is durable by then: a stop in between leaves some that nobody counts any more. */
export async function dropThrough(entries: Collection<Entry>, seq: number): Promise<number> {
  const gone = await entries.find({ seq: { lt: seq + 1 } });
  for (const { id } of gone) await entries.remove(id);
  return gone.length;
}
