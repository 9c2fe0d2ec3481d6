import { confirmClock, readClock } from '../../protocol/routes/system.ts';
import type { Clock } from '../clock.ts';
import type { Hub } from '../hub.ts';
import type { Routes } from '../serve.ts';

/** The appliance's time for people: whether it is believed, and their word that it is right. */
export function serveClock(routes: Routes, { clock, hub }: { clock: Clock; hub: Hub }): void {
  const answer = () => ({ at: clock.now(), ...clock.state() });
  routes.serve(readClock, answer);
  routes.serve(confirmClock, async ({ session, from }) => {
    const before = answer();
    await clock.confirm();
    const who = { siteId: session.siteId, who: session.userName, from };
    hub.emit('audit', { at: clock.now(), ...who, what: 'system.clock.confirmed', detail: { before: before.at } });
    return answer();
  });
}
