import { type Check, found, NEEDS_BEFORE, unknown } from './check.ts';

export const newSshKeys: Check = {
  id: 'new-ssh-keys',
  title: 'New keys may sign in',
  severity: 'high',
  reason: 'A key in authorized_keys is a lasting way in. One that nobody knows of is a break-in.',
  judge({ keys, system }, { previous }) {
    if (!keys) return unknown('no file of keys could be read');
    if (!previous?.keys) return unknown(NEEDS_BEFORE);
    // As root one sees the files of everybody: they are not new.
    if (system?.isRoot && !previous.system?.isRoot)
      return unknown('the audit before saw less, because it was not root');
    const before = new Set(previous.keys.map(({ user, sha256 }) => `${user} ${sha256}`));
    const fresh = keys.filter(({ user, sha256 }) => !before.has(`${user} ${sha256}`));
    const lines = fresh.map(({ user, type, sha256, comment }) => `${user}: ${type} ${sha256} ${comment}`.trim());
    return found(
      lines,
      'Ask who added it. Take out of authorized_keys what nobody knows. The next audit takes it for known.',
    );
  },
};
