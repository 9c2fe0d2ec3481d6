import { msg } from '../msg.ts';
import type { Level } from '../parts/levels.ts';
import { clockTime } from '../times.ts';
import type { LinkState } from './connection.ts';

/** What the indicator says of a link: Live, Reconnecting, Stale since …, or Paused. */
export function linkWords(
  state: LinkState,
  since: number | undefined,
  pausedAt: number | undefined,
): { level: Level; word: string } {
  if (state === 'live') {
    if (pausedAt === undefined) return { level: 'ok', word: msg('Live') };
    return { level: 'low', word: msg('Paused {time}', { time: clockTime(pausedAt) }) };
  }
  if (state === 'connecting') return { level: 'unknown', word: msg('Connecting') };
  if (state === 'reconnecting' || since === undefined) return { level: 'warning', word: msg('Reconnecting') };
  return { level: 'critical', word: msg('Stale since {time}', { time: clockTime(since) }) };
}
