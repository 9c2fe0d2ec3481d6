import { type Check, found, NEEDS_ROOT, unknown } from './check.ts';

export const weakHashes: Check = {
  id: 'weak-hashes',
  title: 'Passwords are kept with weak hashes',
  severity: 'high',
  reason: 'A copy of the file, out of a backup say, gives the passwords away within hours.',
  judge({ passwords }) {
    if (!passwords) return unknown(NEEDS_ROOT);
    const lines = Object.entries(passwords).flatMap(([name, kind]) =>
      kind === 'md5' || kind === 'des' ? [`${name}: ${kind === 'md5' ? 'MD5' : 'DES'}`] : [],
    );
    return found(
      lines,
      'Set `ENCRYPT_METHOD YESCRYPT` (or SHA512) in /etc/login.defs, then have these people change their passwords.',
    );
  },
};
