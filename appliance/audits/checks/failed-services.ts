import { type Check, found, unknown } from './check.ts';

export const failedServices: Check = {
  id: 'failed-services',
  title: 'Services have failed',
  severity: 'medium',
  reason: 'Something that should run does not, and nobody may have noticed.',
  judge({ services }) {
    if (!services || services.manager === 'init') return unknown('the host does not say how its services are');
    const lines = services.items.filter(({ state }) => state === 'failed').map(({ name }) => name);
    return found(
      lines,
      'See why with `systemctl status NAME` and `journalctl -u NAME`; start it, or disable it if it is not needed.',
    );
  },
};
