import type { Verdict } from '../../../../appliance/alerts/conditions/condition.ts';
import { type Change, Judge, type Kept } from '../../../../appliance/alerts/engine/judge.ts';
import type { Pace } from '../../../../appliance/alerts/engine/sustain.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;

/** One letter a verdict: `x` broken, `n` near, `.` clear; a space is a value that never came. */
const VERDICTS: Record<string, Verdict> = { x: 'broken', n: 'near', '.': 'clear' };

/** Plays letters at equal steps, with a tick at each of them, and writes down what changed, as `fired@60`, in seconds. */
export function play(
  text: string,
  { stepMs = 5_000, ...pace }: Partial<Pace> & { stepMs?: number } = {},
  kept?: Kept,
): { told: string[]; changes: Change[]; judge: Judge; at: number } {
  const judge = new Judge({ forMs: 0, share: 1, clearForMs: 0, gapMs: 12_500, ...pace }, kept);
  const changes: Change[] = [];
  let at = kept?.at ?? 0;
  for (const letter of text) {
    const verdict = VERDICTS[letter];
    const observed = verdict && judge.observe(verdict, verdict === 'broken' ? 1 : 0, at);
    if (observed) changes.push(observed);
    const ticked = judge.tick(at);
    if (ticked) changes.push(ticked);
    at += stepMs;
  }
  return { told: changes.map(({ kind, at: when }) => `${kind}@${when / SECOND}`), changes, judge, at };
}
