import { isOpen } from '../parse/network.ts';
import { type Check, found, unknown } from './check.ts';

const INSECURE: readonly [port: number, what: string, better: string][] = [
  [23, 'Telnet', 'SSH'],
  [21, 'FTP', 'SFTP'],
  [69, 'TFTP', 'SFTP, or keep it in a network of its own'],
  [512, 'rexec', 'SSH'],
  [513, 'rlogin', 'SSH'],
  [514, 'rsh', 'SSH'],
  [79, 'finger', 'nothing'],
];

export const insecureServices: Check = {
  id: 'insecure-services',
  title: 'Services send passwords in the clear',
  severity: 'high',
  reason: 'Whoever is in the same network reads names, passwords and data as they pass by.',
  judge({ ports }) {
    if (!ports) return unknown('the host has neither ss nor netstat');
    const lines = INSECURE.flatMap(([number, what, better]) => {
      // Port 514 over UDP is syslog.
      const port = ports.find(
        (each) => each.port === number && isOpen(each) && (each.protocol === 'tcp' || number === 69),
      );
      return port ? [`${what} on ${port.protocol} port ${number}: use ${better}`] : [];
    });
    return found(lines, 'Switch these services off and use what is named in their place.');
  },
};
