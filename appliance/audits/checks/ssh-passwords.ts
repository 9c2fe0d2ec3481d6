import { type Check, found, OK, unknown } from './check.ts';

export const sshPasswords: Check = {
  id: 'ssh-passwords',
  title: 'SSH takes passwords',
  severity: 'medium',
  reason: 'Passwords are guessed and reused; keys are not. Every SSH server on a network is tried sooner or later.',
  judge({ sshd }) {
    if (!sshd) return unknown('the settings of the SSH server could not be read');
    if (sshd.source === 'dropbear') {
      const { passwordauth = 'on', dropbear_extra_args: extra = '' } = sshd.values;
      const isOff = /^(?:off|0|no)$/i.test(passwordauth) || /-s\b/.test(extra);
      return isOff
        ? OK
        : found(['PasswordAuth is on'], 'Set `PasswordAuth off` in the settings of Dropbear, once keys work.');
    }
    const { passwordauthentication = 'yes', kbdinteractiveauthentication: keyboard = 'no' } = sshd.values;
    const lines = [
      ...(passwordauthentication.toLowerCase() === 'yes' ? [`PasswordAuthentication ${passwordauthentication}`] : []),
      ...(sshd.source === 'effective' && keyboard.toLowerCase() === 'yes' && sshd.values.usepam === 'yes'
        ? ['KbdInteractiveAuthentication yes (PAM asks for the password)']
        : []),
    ];
    return found(
      lines,
      'Once everybody has a key: `PasswordAuthentication no` and `KbdInteractiveAuthentication no` in sshd_config, then reload sshd.',
    );
  },
};
