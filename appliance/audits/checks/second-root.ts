import { type Check, found, unknown } from './check.ts';

export const secondRoot: Check = {
  id: 'second-root',
  title: 'Another account is root',
  severity: 'critical',
  reason: 'An account with user id 0 may do everything under a name that nobody watches. It is the usual back door.',
  judge({ users, os }) {
    if (!users) return unknown('the list of accounts could not be read');
    // FreeBSD has had a second shell for root under this name for ever.
    const isUsual = (name: string): boolean => name === 'root' || (os?.id === 'freebsd' && name === 'toor');
    const lines = users
      .filter(({ uid, name }) => uid === 0 && !isUsual(name))
      .map(({ name, shell }) => `${name} (user id 0, ${shell})`);
    return found(lines, 'Find out who made it. Remove it (`userdel NAME`), or give it an id of its own.');
  },
};
