import { type Check, found, NEEDS_ROOT, unknown } from './check.ts';

export const sudoWithoutPassword: Check = {
  id: 'sudo-without-password',
  title: 'sudo asks for no password',
  severity: 'medium',
  reason: 'Whoever gets into such an account, by a stolen key or a hole in a program of its, is root at once.',
  judge({ sudo }) {
    if (!sudo) return unknown(NEEDS_ROOT);
    const isAll = (line: string): boolean =>
      /NOPASSWD:\s*ALL\b/.test(line) || /^permit\s.*\bnopass\b(?!.*\bcmd\b)/.test(line);
    const isNamed = (line: string): boolean => /NOPASSWD:|\bnopass\b/.test(line);
    const all = sudo.filter(isAll);
    const named = sudo.filter((line) => isNamed(line) && !isAll(line));
    const remedy = 'Take NOPASSWD out with `visudo`, or allow only the commands that need it, with their arguments.';
    return found(
      [...all, ...named].map((line) => line.slice(0, 200)),
      remedy,
      all.length > 0 ? 'medium' : 'low',
    );
  },
};
