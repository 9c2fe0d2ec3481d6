import { type Check, found, unknown } from './check.ts';

export const sshWeakKeys: Check = {
  id: 'ssh-weak-keys',
  title: 'Weak keys may sign in',
  severity: 'medium',
  reason: 'Keys of DSA and short RSA can be computed by whoever puts enough machines to it.',
  judge({ keys }) {
    if (!keys) return unknown('no file of keys could be read');
    const lines = keys.flatMap(({ user, type, bits, comment }) => {
      if (type === 'ssh-dss') return [`${user}: DSA key ${comment}`];
      return bits !== undefined && bits < 2_048 ? [`${user}: RSA key of ${bits} bits ${comment}`] : [];
    });
    return found(
      lines,
      'Have their owners make an Ed25519 key (`ssh-keygen -t ed25519`), and take these out of authorized_keys.',
    );
  },
};
