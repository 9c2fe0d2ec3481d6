import { DAY_MS } from '../../spans.ts';
import { type Check, found, NEEDS_FULL, OK, unknown } from './check.ts';

const OLDEST_MS = 7 * DAY_MS;

export const packageLists: Check = {
  id: 'package-lists',
  title: 'The lists of packages are old',
  severity: 'medium',
  reason: 'Without new lists the host does not know that there are updates, and looks healthier than it is.',
  judge({ updates, system }, { now }) {
    if (!updates) return unknown(NEEDS_FULL);
    const remedy = 'Run `apt-get update`, and switch the daily fetch on (package unattended-upgrades).';
    if (updates.hasNoLists) return found(['There are no lists of packages at all'], remedy);
    if (updates.listsAt === undefined) return unknown('the package manager does not say when its lists were fetched');
    // By the clock of the host, which wrote that time.
    const days = Math.floor(((system?.at ?? now) - updates.listsAt) / DAY_MS);
    return days * DAY_MS > OLDEST_MS ? found([`They were fetched ${days} days ago`], remedy) : OK;
  },
};
