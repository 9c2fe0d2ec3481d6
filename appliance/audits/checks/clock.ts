import { type Check, found, OK, unknown } from './check.ts';

const MOST_MS = 120_000;

export const clock: Check = {
  id: 'clock',
  title: 'The clock is not kept right',
  severity: 'medium',
  reason: 'With a wrong clock certificates fail, logs do not fit together, and second factors are refused.',
  judge({ time, system, hardware }, { now }) {
    if (!system) return unknown('the host did not say what time it has');
    const offMs = system.at - now;
    const remedy = 'Switch time synchronisation on: `timedatectl set-ntp true`, or install chrony.';
    if (Math.abs(offMs) > MOST_MS)
      return found(
        [`It is ${Math.round(Math.abs(offMs) / 60_000)} min ${offMs > 0 ? 'ahead' : 'behind'}`],
        remedy,
        'high',
      );
    if (time?.isSynchronised) return OK;
    // A container has the clock of its machine.
    if (/^(?:docker|podman|lxc|openvz|container-other)$/.test(hardware?.virtual ?? '')) return OK;
    if (time?.isSynchronised === false)
      return found([time.by ? `${time.by} runs, but has not synchronised it` : 'Nothing synchronises it'], remedy);
    return time?.by ? OK : found(['No program that synchronises it runs'], remedy);
  },
};
