import type { HistoryAnswer } from '../../protocol/routes/history.ts';
import type { Ring } from './ring.ts';

/** How far back a card's trend goes. */
export const TREND_MS = 5 * 60_000;

/** Requests under way at once: the fleet's own values must not wait behind its past. */
const AT_ONCE = 3;

export interface TrendSource {
  hostId: string;
  metric: string;
  ring: Ring;
}

type Read = (hostId: string, metric: string) => Promise<Pick<HistoryAnswer, 'at' | 'series'>>;

/** Fills rings with what was before the page was opened; a host whose history cannot be read simply begins now. */
export async function fillTrends(sources: readonly TrendSource[], read: Read): Promise<void> {
  const waiting = [...sources];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { hostId, metric, ring } = next;
      const past = await read(hostId, metric).catch(() => undefined);
      const values = past?.series[0]?.average ?? [];
      for (const [i, at] of (past?.at ?? []).entries()) {
        const value = values[i];
        if (value !== null && value !== undefined) ring.add(at, value);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
