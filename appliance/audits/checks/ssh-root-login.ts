import { type Check, found, OK, unknown } from './check.ts';

export const sshRootLogin: Check = {
  id: 'ssh-root-login',
  title: 'root may sign in over SSH with a password',
  severity: 'high',
  reason: 'The name root is known to everybody: only its password is between the network and the whole host.',
  judge({ sshd, passwords }) {
    if (!sshd) return unknown('the settings of the SSH server could not be read');
    const remedy = 'Set `PermitRootLogin no` (or `prohibit-password`, for keys only) in sshd_config and reload sshd.';
    if (sshd.source === 'dropbear') {
      const { rootpasswordauth = 'on', dropbear_extra_args: extra = '' } = sshd.values;
      const isOff = /^(?:off|0|no)$/i.test(rootpasswordauth) || /-(?:w|g|s)\b/.test(extra);
      return isOff ? OK : found(['RootPasswordAuth is on'], 'Set `RootPasswordAuth off` in the settings of Dropbear.');
    }
    const value = sshd.values.permitrootlogin ?? 'prohibit-password';
    if (value.toLowerCase() !== 'yes') return OK;
    const isLocked = passwords?.root === 'locked';
    return found(
      [`PermitRootLogin ${value}${isLocked ? ' (its password is locked)' : ''}`],
      remedy,
      isLocked ? 'low' : 'high',
    );
  },
};
