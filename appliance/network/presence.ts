import type { Presence } from '../../protocol/network.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../spans.ts';
import type { DeviceFields, Span } from './documents.ts';

export interface Judged {
  presence: Presence;
  /** Why, in words. */
  text: string;
}

/** A device is only taken for gone after so many complete sweeps in a row without an answer, and so long a silence. */
const MISSES_TO_GO = 2;
const SILENCE_TO_GO_MS = MINUTE_MS;
/** Sleep is expected only of what came back so often before. */
const RETURNS_OF_SLEEPERS = 2;
const SLEEP_MS = { least: HOUR_MS, most: DAY_MS } as const;

/** Whether it is away for certain. */
export const isAway = ({ misses, lastSeenAt }: Pick<DeviceFields, 'misses' | 'lastSeenAt'>, now: number): boolean =>
  lastSeenAt === undefined || (misses >= MISSES_TO_GO && now - lastSeenAt >= SILENCE_TO_GO_MS);

/** How long a device may be silent and still be taken for asleep: twice its longest absence so far; undefined where it never slept. */
export function sleepMsOf(spans: readonly Span[]): number | undefined {
  if (spans.length <= RETURNS_OF_SLEEPERS) return undefined;
  const absences = spans.slice(1).map(({ from }, n) => from - (spans[n]?.to ?? from));
  return Math.min(SLEEP_MS.most, Math.max(SLEEP_MS.least, 2 * Math.max(...absences)));
}

/**
 * Where a device is: pure. `freshMs` is how long an answer counts when nobody asked since, as after the appliance was off; `isHost`
 * that its agent is connected, which proves it.
 */
export function judgePresence(
  device: Pick<DeviceFields, 'misses' | 'lastSeenAt' | 'spans'>,
  { now, freshMs, isHost = false }: { now: number; freshMs: number; isHost?: boolean },
): Judged {
  const { misses, lastSeenAt, spans } = device;
  if (isHost) return { presence: 'here', text: 'Its agent is connected' };
  if (lastSeenAt === undefined) return { presence: 'gone', text: 'It was added by hand and never seen' };
  if (isAway(device, now)) {
    const sleepMs = sleepMsOf(spans);
    if (sleepMs !== undefined && now - lastSeenAt < sleepMs)
      return { presence: 'sleeping', text: `It did not answer ${misses} sweeps, as it did before and came back` };
    return { presence: 'gone', text: `It did not answer ${misses} complete sweeps in a row` };
  }
  if (misses > 0)
    return { presence: 'unsure', text: 'It did not answer the last sweep; another one and a minute decide' };
  if (now - lastSeenAt > freshMs) return { presence: 'unsure', text: 'Nobody has asked it for a while' };
  return { presence: 'here', text: 'It answered the last sweep' };
}
