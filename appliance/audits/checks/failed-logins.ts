import { type Check, found, NEEDS_FULL, OK, unknown } from './check.ts';

const MANY = 50;

export const failedLogins: Check = {
  id: 'failed-logins',
  title: 'Somebody tries passwords',
  severity: 'medium',
  reason: 'Many failed logins in a day are a program that guesses, or a broken one with an old password.',
  judge({ logins }) {
    if (!logins) return unknown(NEEDS_FULL);
    if (logins.failed === undefined) return unknown('the log of logins may not be read');
    if (logins.failed < MANY) return OK;
    const isFlood = logins.failed >= MANY * 10;
    return found(
      [`${logins.failed}${isFlood ? ' or more' : ''} failed logins within a day`],
      'Take SSH off the open network, allow keys only, and slow guessing down with fail2ban or `MaxAuthTries 3`.',
      isFlood ? 'high' : 'medium',
    );
  },
};
