import type { OffsetClock, TimeRound } from './clock.ts';
import { LinkError, type Session } from './session.ts';

/** Wall and monotonic clock of this machine, ms. */
export const now = (): { wall: number; mono: number } => ({ wall: Date.now(), mono: performance.now() });

/**
 * Asks for the appliance's time so many times, one after the other, and corrects the clock. True when the offset changed; never
 * while the appliance does not know the time itself: when it does, it lets every agent connect anew.
 */
export async function measure(session: Session, clock: OffsetClock, rounds: number): Promise<boolean> {
  try {
    return clock.take(await ask(session, rounds));
  } catch (error) {
    if (error instanceof LinkError && error.code === 'clock-untrusted') return false;
    throw error;
  }
}

async function ask(session: Session, rounds: number): Promise<TimeRound[]> {
  const taken: TimeRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const { wall: askedWall, mono: askedMono } = now();
    const theirs = await session.time();
    taken.push({ askedWall, askedMono, answeredMono: performance.now(), theirs });
  }
  return taken;
}
