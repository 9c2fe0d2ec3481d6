import { DAY_MS } from '../../spans.ts';
import { END_OF_LIFE } from '../end-of-life.ts';
import { type Check, found, OK, unknown } from './check.ts';

const SOON_MS = 90 * DAY_MS;

export const endOfLife: Check = {
  id: 'end-of-life',
  title: 'The operating system is no longer maintained',
  severity: 'critical',
  reason: 'Nobody closes its holes any more, and every one that is found stays open for good.',
  judge({ os }, { now }) {
    if (!os) return unknown('the host did not say which system it is');
    const versions = END_OF_LIFE[os.id];
    if (!versions) return unknown(`Reeve knows no dates for ${os.name}`);
    const version = Object.keys(versions).find((each) => os.version === each || os.version.startsWith(`${each}.`));
    const endsAt = version === undefined ? undefined : Date.parse(`${versions[version]}T00:00:00Z`);
    if (endsAt === undefined) return unknown(`Reeve knows no date for ${os.name}`);
    const day = new Date(endsAt).toISOString().slice(0, 10);
    const remedy = 'Upgrade to a release that is maintained, or install the host anew with one.';
    if (now > endsAt) return found([`${os.name}: security updates ended on ${day}`], remedy);
    if (now > endsAt - SOON_MS) return found([`${os.name}: security updates end on ${day}`], remedy, 'medium');
    return OK;
  },
};
