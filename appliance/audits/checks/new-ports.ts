import { isOpen } from '../parse/network.ts';
import { type Check, found, NEEDS_BEFORE, unknown } from './check.ts';

/** Ports of the kernel's own choice come and go with every program that asks for something. */
const FIRST_PASSING = 32_768;

export const newPorts: Check = {
  id: 'new-ports',
  title: 'New ports are open',
  severity: 'medium',
  reason: 'A service has begun to listen since the last audit: somebody installed it, or something did.',
  judge({ ports }, { previous }) {
    if (!ports) return unknown('the host has neither ss nor netstat');
    if (!previous?.ports) return unknown(NEEDS_BEFORE);
    const before = new Set(previous.ports.filter(isOpen).map(({ protocol, port }) => `${protocol} ${port}`));
    const fresh = ports
      .filter(isOpen)
      .filter(({ protocol, port }) => port < FIRST_PASSING && !before.has(`${protocol} ${port}`));
    const lines = fresh.map(
      ({ protocol, address, port, process }) => `${protocol} ${address}:${port}${process ? ` ${process}` : ''}`,
    );
    return found(
      [...new Set(lines)],
      'Find out what listens there, and stop it unless it is wanted. The next audit takes it for known.',
    );
  },
};
