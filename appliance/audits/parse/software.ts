import type { Containers, Facts, Updates } from '../facts.ts';

type Lines = readonly string[];

const MOST_PACKAGES = 10_000;

export function packages([manager, ...lines]: Lines): Facts['packages'] {
  if (manager === undefined) return undefined;
  const items = lines.slice(0, MOST_PACKAGES).flatMap((line) => {
    const [name, ...rest] = line.replace(/^(\S+) - /, '$1 ').split(' ');
    // dpkg also lists what was removed but for its settings.
    if (!name || (manager === 'dpkg' && rest[1] !== undefined && !/^[ih]i/.test(rest[1]))) return [];
    return [{ name: name.slice(0, 120), version: (rest[0] ?? '').slice(0, 80) }];
  });
  return { manager, items };
}

const READERS: Record<string, (lines: Lines) => Updates['items']> = {
  apt: (lines) =>
    lines.flatMap((line) => {
      const match = /^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) ([^)]*)\)/.exec(line);
      if (!match) return [];
      const [, name = '', version = '', from = ''] = match;
      return [{ name, version, isSecurity: /secur/i.test(from) }];
    }),
  apk: (lines) => simple(lines, /^(\S+?)-(\d[\w.]*(?:-r\d+)?)\s+<\s+(\S+)/, 3),
  pacman: (lines) => simple(lines, /^(\S+) \S+ -> (\S+)/, 2),
  opkg: (lines) => simple(lines, /^(\S+) - \S+ - (\S+)/, 2),
  pkg: (lines) => simple(lines, /^(\S+?)-([\w.,]+)\s+<\s+.*?\(.*has (\S+)\)/, 3),
  dnf: (lines) => {
    const at = lines.indexOf('--security');
    const [offered, advisories] = at < 0 ? [lines, []] : [lines.slice(0, at), lines.slice(at + 1)];
    const obsoleting = offered.findIndex((line) => line.startsWith('Obsoleting'));
    const all = simple(offered.slice(0, obsoleting < 0 ? undefined : obsoleting), /^(\S+?)\.\w+\s+(\S+)\s+\S+$/, 2);
    // DNF 4 has the package last, DNF 5 the day and time behind it: it is known by its shape.
    const security = new Set(
      advisories.flatMap((line) => /(?:^|\s)(\S+)-[^-\s]+-[^-\s]+\.[a-z]\w+(?=\s|$)/.exec(line)?.[1] ?? []),
    );
    return all.map((item) => ({ ...item, isSecurity: security.has(item.name) }));
  },
};

function simple(lines: Lines, pattern: RegExp, version: number): Updates['items'] {
  return lines.flatMap((line) => {
    const match = pattern.exec(line);
    return match ? [{ name: match[1] ?? '', version: match[version] ?? '', isSecurity: false }] : [];
  });
}

export function updates([manager, ...lines]: Lines): Updates | undefined {
  const read = manager === undefined ? undefined : READERS[manager];
  if (!read || manager === undefined) return undefined;
  const seconds = lines.map((line) => /^lists (\d+)$/.exec(line)?.[1]).find(Boolean);
  return {
    manager,
    items: read(lines).slice(0, 5_000),
    ...(seconds !== undefined && { listsAt: Number(seconds) * 1_000 }),
    ...(lines.includes('nolists') && { hasNoLists: true }),
  };
}

/** Undefined where the host has none of the ways that are known. */
export function unattended(lines: Lines): boolean | undefined {
  if (lines.length === 0) return undefined;
  const text = lines.join('\n');
  if (/APT::Periodic/.test(text)) return /APT::Periodic::Unattended-Upgrade "[1-9a]/.test(text);
  if (/^dnf$/m.test(text)) return /apply_updates\s*=\s*(?:yes|true)/i.test(text) && /^enabled$/m.test(text);
  return /^enabled$/m.test(text) ? true : undefined;
}

export function reboot(lines: Lines): NonNullable<Facts['reboot']> {
  const isRequired = lines[0] === 'required';
  const kernels = lines.flatMap((line) => /^kernel .*?(?:vmlinuz-|modules\/)(.+)$/.exec(line)?.[1] ?? []);
  const named = isRequired ? lines.slice(1).filter((line) => !line.startsWith('kernel ')) : [];
  return { isRequired, packages: [...new Set(named)], kernels: [...new Set(kernels)] };
}

export function services([manager, ...lines]: Lines): Facts['services'] {
  if (manager === undefined) return undefined;
  const items = lines.flatMap((line) => {
    if (manager === 'systemd') {
      const [name, , , state] = line
        .trim()
        .replace(/^\u25cf\s*/, '')
        .split(/\s+/);
      return name?.endsWith('.service') ? [{ name: name.replace(/\.service$/, ''), state: state ?? '' }] : [];
    }
    if (manager === 'openrc') {
      const match = /^\s*(\S+)\s+\[\s*(\w+)/.exec(line);
      return match ? [{ name: match[1] ?? '', state: match[2] === 'crashed' ? 'failed' : (match[2] ?? '') }] : [];
    }
    return [{ name: line.trim(), state: '' }];
  });
  return { manager, items };
}

export const timers = (lines: Lines): string[] =>
  lines.map((line) => line.trim().split(/\s+/).slice(0, 2).join(' ')).filter((line) => line !== '');

export function time(lines: Lines): Facts['time'] {
  const text = lines.join('\n');
  const daemons = lines.flatMap((line) => /^daemon (.+)$/.exec(line)?.[1] ?? []);
  const isSynchronised =
    /NTPSynchronized=yes/.test(text) || /Leap status\s*:\s*Normal/.test(text) || /^\*\S+/m.test(text);
  const isKnown = /NTPSynchronized=/.test(text) || /Leap status/.test(text);
  return { isSynchronised: isSynchronised ? true : isKnown ? false : undefined, by: [...new Set(daemons)].join(', ') };
}

export function containers(lines: Lines): Containers {
  const found: Containers = { sockets: [], items: [], details: [] };
  for (const line of lines) {
    const [word, ...rest] = line.split(' ');
    const [first = '', second = '', third = '', fourth = '', fifth = ''] = rest.join(' ').split('|');
    if (word === 'socket') found.sockets.push({ path: rest[0] ?? '', mode: rest[1] ?? '' });
    if (word === 'container') found.items.push({ image: second, name: third, ports: fourth, status: fifth });
    if (word === 'inspect')
      found.details.push({
        ...{ name: first.replace(/^\//, ''), isPrivileged: second === 'true', network: third },
        mounts: fourth.split(' ').filter(Boolean),
      });
  }
  return found;
}

/** `ls -ldn` of files whose modes matter. */
export function files(lines: Lines): NonNullable<Facts['files']> {
  return lines.flatMap((line) => {
    const match = /^([a-z-][rwxsStT-]{9})[.+@]?\s+\d+\s+(\d+)\s+(\d+)\s.*?\s(\/\S+)(?: -> .*)?$/.exec(line);
    if (!match) return [];
    return [{ mode: match[1] ?? '', uid: Number(match[2]), gid: Number(match[3]), path: match[4] ?? '' }];
  });
}

export function logging(lines: Lines): NonNullable<Facts['logging']> {
  return { daemons: lines.filter((line) => line !== 'persistent'), isPersistent: lines.includes('persistent') };
}
