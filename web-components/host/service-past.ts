import type { Past } from '../charts/join.ts';
import { msg, plural } from '../msg.ts';
import { minuteTime, shortDay } from '../times.ts';

/** How a service was in a stretch of time: `partly` says that it was down for some of it. */
export interface ServiceStretch {
  from: number;
  to: number;
  is: 'up' | 'partly' | 'down' | 'unknown';
}

/** Stretches of one state, from the steps of `system.service.up`; several series of one service (its flag was changed) are laid together. */
export function stretchesOf(pasts: readonly Pick<Past, 'at' | 'to' | 'stepMs' | 'min' | 'max'>[]): ServiceStretch[] {
  const [first] = pasts;
  if (!first) return [];
  const stretches: ServiceStretch[] = [];
  for (const [step, from] of first.at.entries()) {
    const to = Math.min(from + first.stepMs, first.to);
    const is = stateOf(pasts.map(({ min, max }) => [min[step], max[step]] as const));
    const last = stretches.at(-1);
    if (last?.is === is) last.to = to;
    else stretches.push({ from, to, is });
  }
  return stretches;
}

function stateOf(steps: readonly (readonly [number | null | undefined, number | null | undefined])[]) {
  const known = steps.filter(([min]) => typeof min === 'number' && !Number.isNaN(min));
  if (known.length === 0) return 'unknown';
  const min = Math.min(...known.map(([least]) => least ?? 0));
  const max = Math.max(...known.map(([, most]) => most ?? 0));
  return min >= 1 ? 'up' : max <= 0 ? 'down' : 'partly';
}

/** What became of a service, in a few words: how often it was down, and when last. */
export function pastText(stretches: readonly ServiceStretch[], now: number): string {
  const isDown = ({ is }: ServiceStretch): boolean => is === 'down' || is === 'partly';
  const downs = stretches.filter((stretch, at) => isDown(stretch) && !isDownBefore(stretches, at, isDown));
  const last = downs.at(-1);
  if (!last)
    return stretches.some(({ is }) => is === 'up') ? msg('Ran whenever it was looked at') : msg('Nothing is known yet');
  const isToday = shortDay(last.from) === shortDay(now);
  const when = isToday ? minuteTime(last.from) : `${shortDay(last.from)} ${minuteTime(last.from)}`;
  const times = plural(downs.length, { one: 'Down once', other: 'Down {count} times' });
  return msg('{times}, last from {when}', { times, when });
}

const isDownBefore = (
  stretches: readonly ServiceStretch[],
  at: number,
  isDown: (stretch: ServiceStretch) => boolean,
): boolean => {
  const before = stretches[at - 1];
  return before !== undefined && isDown(before);
};
