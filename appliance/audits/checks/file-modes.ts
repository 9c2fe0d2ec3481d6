import type { Facts } from '../facts.ts';
import { type Check, found, unknown } from './check.ts';

type File = NonNullable<Facts['files']>[number];

const SECRET = ['/etc/shadow', '/etc/gshadow', '/etc/ssh/ssh_host_ed25519_key', '/etc/ssh/ssh_host_rsa_key'];

export const fileModes: Check = {
  id: 'file-modes',
  title: 'Files of the system may be changed or read by anybody',
  severity: 'high',
  reason: 'Whoever may write them makes themselves root; whoever reads the hashes guesses the passwords in peace.',
  judge({ files }) {
    if (!files) return unknown('the modes of files could not be read');
    const lines = files.flatMap((file) => wrongOf(file).map((what) => `${file.path} ${what} (${file.mode})`));
    return found(
      lines,
      'Set them back: `chmod 644 /etc/passwd /etc/group`, `chmod 640 /etc/shadow`, `chmod 440 /etc/sudoers`, `chmod 600` for keys, `chown root` for all of them.',
    );
  },
};

function wrongOf({ path, mode, uid }: File): string[] {
  const isSticky = /t$/i.test(mode);
  if (path === '/tmp') return mode[8] === 'w' && !isSticky ? ['lets anybody remove the files of others'] : [];
  if (mode.startsWith('l')) return [];
  return [
    ...(uid !== 0 ? [`belongs to user id ${uid}`] : []),
    ...(mode[8] === 'w' ? ['may be written by anybody'] : []),
    ...(mode[5] === 'w' && /passwd|shadow|sudoers|sshd_config|authorized_keys/.test(path)
      ? ['may be written by a group']
      : []),
    ...(mode[7] === 'r' && SECRET.includes(path) ? ['may be read by anybody'] : []),
  ];
}
