import type { ChunkStore, Span } from '../store/history-engine.ts';
import type { LaneHead } from './head/lane-head.ts';
import { TIERS } from './tiers/tiers.ts';

const ALWAYS = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Bytes that the packed history of a host takes, in all tiers; what is not packed yet is shared with other hosts, and not in it. */
export const bytesOf = (hostId: string, chunks: ChunkStore): number =>
  TIERS.flatMap((tier) => chunks.find({ tier, hostId, ...ALWAYS })).reduce((sum, { length }) => sum + length, 0);

/** Times of the oldest and the newest row of a host, in whatever tier; undefined where there is none. */
export function spanOf(hostId: string, chunks: ChunkStore, heads: readonly LaneHead[]): Span | undefined {
  const stored = TIERS.flatMap((tier) => chunks.find({ tier, hostId, ...ALWAYS }));
  const open = heads.flatMap((head) => head.find(hostId, ALWAYS));
  let span: Span | undefined;
  for (const { from, to } of [...stored, ...open])
    span = span ? [Math.min(span[0], from), Math.max(span[1], to)] : [from, to];
  return span;
}
