import { confirmClock, readClock } from '../../protocol/routes/system.ts';
import type { Clock } from '../clock.ts';
import type { Routes } from '../serve.ts';

/** The appliance's time for people: whether it is believed, and their word that it is right. */
export function serveClock(routes: Routes, clock: Clock): void {
  const answer = () => ({ at: clock.now(), ...clock.state() });
  routes.serve(readClock, answer);
  routes.serve(confirmClock, async ({ note }) => {
    const before = answer();
    await clock.confirm();
    note({ detail: { at: before.at } });
    return answer();
  });
}
