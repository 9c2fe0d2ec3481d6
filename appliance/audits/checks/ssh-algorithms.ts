import { compareVersions } from '../versions.ts';
import { type Check, found, unknown } from './check.ts';

const WEAK: readonly [keyword: string, pattern: RegExp][] = [
  ['kexalgorithms', /(?:^|,)(diffie-hellman-(?:group1|group14|group-exchange)-sha1)(?=,|$)/g],
  ['ciphers', /(?:^|,)((?:3des|arcfour|blowfish|cast128|aes\d+)-cbc|arcfour\d*)(?=,|$)/g],
  ['macs', /(?:^|,)(hmac-(?:md5|sha1-96|ripemd160)[\w@.-]*)(?=,|$)/g],
  ['hostkeyalgorithms', /(?:^|,)(ssh-dss|ssh-rsa)(?=,|$)/g],
];
const OLDEST = '8.0';

export const sshAlgorithms: Check = {
  id: 'ssh-algorithms',
  title: 'The SSH server is old or takes weak algorithms',
  severity: 'medium',
  reason: 'A connection can be talked down to the weakest that both sides take, and then be read or changed.',
  judge({ sshd }) {
    if (!sshd) return unknown('the settings of the SSH server could not be read');
    const lines = WEAK.flatMap(([keyword, pattern]) => {
      const value = sshd.values[keyword] ?? '';
      const weak = value.startsWith('-')
        ? []
        : [...value.replace(/^[+^]/, '').matchAll(pattern)].map(([, name]) => name);
      return weak.length > 0 ? [`${keyword}: ${weak.join(', ')}`] : [];
    });
    const isOld = sshd.source !== 'dropbear' && sshd.version !== undefined && compareVersions(sshd.version, OLDEST) < 0;
    if (isOld) lines.push(`OpenSSH ${sshd.version} is older than ${OLDEST}`);
    return found(
      lines,
      'Take the lines that name them out of sshd_config: what OpenSSH of today takes by itself is sound. Update the server.',
    );
  },
};
