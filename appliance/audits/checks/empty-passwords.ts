import { type Check, found, NEEDS_ROOT, unknown } from './check.ts';

export const emptyPasswords: Check = {
  id: 'empty-passwords',
  title: 'Accounts have no password',
  severity: 'critical',
  reason: 'Whoever knows the name is in.',
  judge({ passwords, sshd, users }) {
    const names = Object.entries(passwords ?? {}).flatMap(([name, kind]) => (kind === 'empty' ? [name] : []));
    const noLogin = new Set((users ?? []).filter(({ shell }) => /nologin|false$/.test(shell)).map(({ name }) => name));
    const lines = [
      ...names.filter((name) => !noLogin.has(name)).map((name) => `${name} has an empty password`),
      ...(sshd?.values.permitemptypasswords?.toLowerCase() === 'yes' ? ['SSH: PermitEmptyPasswords yes'] : []),
    ];
    if (lines.length === 0 && !passwords) return unknown(NEEDS_ROOT);
    return found(
      lines,
      'Give each of them a password (`passwd NAME`) or lock it (`passwd -l NAME`); set `PermitEmptyPasswords no`.',
    );
  },
};
