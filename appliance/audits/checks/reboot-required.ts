import { compareVersions } from '../versions.ts';
import { type Check, found, OK, unknown } from './check.ts';

export const rebootRequired: Check = {
  id: 'reboot-required',
  title: 'It has to be restarted',
  severity: 'medium',
  reason: 'Updates of the kernel and of libraries hold only after a restart: until then the old holes are open.',
  judge({ reboot, system }) {
    if (!reboot || !system) return unknown('the host did not say which kernels it has');
    const remedy = 'Restart the host at a time that suits.';
    if (reboot.isRequired) {
      const named = reboot.packages.slice(0, 20).map((name) => `Updated since the start: ${name}`);
      return found(named.length > 0 ? named : ['The system asks for a restart'], remedy);
    }
    const newer = reboot.kernels.filter((kernel) => isLater(kernel, system.kernel));
    return newer.length > 0 ? found([`Kernel ${system.kernel} runs, ${newer.join(', ')} is installed`], remedy) : OK;
  },
};

/** Only kernels of the same flavour compare: `6.1.0-18-amd64` with `6.1.0-21-amd64`. */
function isLater(installed: string, running: string): boolean {
  const flavour = (text: string): string => text.replace(/^[\d.+~-]+/, '');
  return flavour(installed) === flavour(running) && compareVersions(installed, running) > 0;
}
