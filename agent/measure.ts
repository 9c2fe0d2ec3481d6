import type { OffsetClock, TimeRound } from './clock.ts';
import type { Session } from './session.ts';

/** Wall and monotonic clock of this machine, ms. */
export const now = (): { wall: number; mono: number } => ({ wall: Date.now(), mono: performance.now() });

/** Asks for the appliance's time so many times, one after the other, and corrects the clock. True when the offset changed. */
export async function measure(session: Session, clock: OffsetClock, rounds: number): Promise<boolean> {
  const taken: TimeRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const { wall: askedWall, mono: askedMono } = now();
    const theirs = await session.time();
    taken.push({ askedWall, askedMono, answeredMono: performance.now(), theirs });
  }
  return clock.take(taken);
}
