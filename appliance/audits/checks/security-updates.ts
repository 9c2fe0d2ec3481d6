import { type Check, found, NEEDS_FULL, OK, unknown } from './check.ts';

export const securityUpdates: Check = {
  id: 'security-updates',
  title: 'Security updates are waiting',
  severity: 'high',
  reason: 'The holes that they close are public: whoever looks for hosts to take over looks for these first.',
  judge({ updates }) {
    if (!updates) return unknown(NEEDS_FULL);
    if (updates.hasNoLists) return unknown('the lists of packages were never fetched');
    const waiting = updates.items.filter(({ isSecurity }) => isSecurity);
    // Where the system does not tell which updates are about security, many of them are likely to hold some.
    const marks = updates.manager === 'apt' || updates.manager === 'dnf';
    const lines = (marks ? waiting : updates.items).map(({ name, version }) => `${name} ${version}`);
    if (lines.length === 0) return OK;
    const remedy = REMEDIES[updates.manager] ?? 'Install the updates with the package manager of the host.';
    return found(lines, remedy, marks ? 'high' : 'medium');
  },
};

const REMEDIES: Record<string, string> = {
  apt: 'Run `apt-get update && apt-get upgrade`, and restart what it names.',
  dnf: 'Run `dnf upgrade --security`, and restart what it names.',
  apk: 'Run `apk update && apk upgrade`.',
  pacman: 'Run `pacman -Syu`.',
  opkg: 'Install the next release of OpenWrt; single packages are upgraded with `opkg upgrade`.',
  pkg: 'Run `pkg upgrade`, and `freebsd-update fetch install` for the system itself.',
};
