import { type Check, found, unknown } from './check.ts';

const WANTED: readonly [key: string, isGood: RegExp, good: string][] = [
  ['kernel.randomize_va_space', /^2$/, '2'],
  ['fs.protected_hardlinks', /^1$/, '1'],
  ['fs.protected_symlinks', /^1$/, '1'],
  ['fs.suid_dumpable', /^[02]$/, '0'],
  ['kernel.unprivileged_bpf_disabled', /^[12]$/, '1'],
];

export const kernelSettings: Check = {
  id: 'kernel-settings',
  title: 'Defences of the kernel are off',
  severity: 'low',
  reason: 'They make a hole in a program harder to use. Systems of today have them on.',
  judge({ sysctl }) {
    if (!sysctl) return unknown('the host has no /proc/sys');
    const lines = WANTED.flatMap(([key, isGood, good]) => {
      const value = sysctl[key];
      return value === undefined || isGood.test(value) ? [] : [`${key} = ${value}, better ${good}`];
    });
    return found(lines, 'Write the better values into /etc/sysctl.d/90-hardening.conf and run `sysctl --system`.');
  },
};
