import { type Check, found, OK, unknown } from './check.ts';

export const unattendedUpdates: Check = {
  id: 'unattended-updates',
  title: 'Security updates are not installed by themselves',
  severity: 'low',
  reason: 'Between a hole becoming known and somebody having time for it there are days in which the host is open.',
  judge({ unattended }) {
    if (unattended === undefined) return unknown('Reeve does not know how this system does it');
    return unattended
      ? OK
      : found(
          ['Nothing installs them by itself'],
          'Install it: `apt-get install unattended-upgrades`, or `dnf install dnf-automatic` with `apply_updates = yes`.',
        );
  },
};
