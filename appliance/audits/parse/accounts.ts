import { createHash } from 'node:crypto';
import type { AuthorizedKey, Facts, Process, Sshd, User } from '../facts.ts';

type Lines = readonly string[];

export function users(lines: Lines): User[] {
  return lines.flatMap((line) => {
    const [name, , uid, gid, , home, shell] = line.split(':');
    if (!name || shell === undefined || !/^\d+$/.test(uid ?? '')) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home: home ?? '', shell }];
  });
}

export function groups(lines: Lines): NonNullable<Facts['groups']> {
  return lines.flatMap((line) => {
    const [name, , , members = ''] = line.split(':');
    return name ? [{ name, members: members.split(',').filter(Boolean) }] : [];
  });
}

const KINDS = ['strong', 'empty', 'locked', 'md5', 'des'] as const;

/** Undefined where the file may not be read. */
export function passwords(lines: Lines): Facts['passwords'] {
  if (lines[0] !== 'readable') return undefined;
  const found: NonNullable<Facts['passwords']> = Object.create(null);
  for (const line of lines.slice(1)) {
    const [name, kind] = line.split(':');
    const known = KINDS.find((each) => each === kind);
    if (name && known) found[name] = known;
  }
  return found;
}

export const sudo = (lines: Lines): string[] | undefined =>
  lines.includes('readable')
    ? lines.filter((line) => line !== 'readable').map((line) => line.trim().replace(/\s+/g, ' '))
    : undefined;

const KEY = /^(\S+) (.*?)((?:ssh-|ecdsa-|sk-)[\w@.-]+) ([A-Za-z0-9+/]+={0,2})(?: (.*))?$/;

/** Each line is a user and a line of an `authorized_keys`. */
export function keys(lines: Lines): AuthorizedKey[] {
  return lines.flatMap((line) => {
    const match = KEY.exec(line);
    if (!match) return [];
    const [, user = '', options = '', type = '', body = '', comment = ''] = match;
    const raw = Buffer.from(body, 'base64');
    const bits = type === 'ssh-rsa' ? rsaBits(raw) : undefined;
    const sha256 = `SHA256:${createHash('sha256').update(raw).digest('base64').replace(/=+$/, '')}`;
    return [
      {
        user,
        type,
        sha256,
        ...(bits && { bits }),
        comment: comment.slice(0, 200),
        options: options.trim().slice(0, 300),
      },
    ];
  });
}

/** RFC 4253: type, exponent, modulus, each with its length before it. */
function rsaBits(raw: Buffer): number | undefined {
  let at = 0;
  let last: Buffer = raw.subarray(0, 0);
  for (let n = 0; n < 3; n++) {
    if (at + 4 > raw.length) return undefined;
    const length = raw.readUInt32BE(at);
    last = raw.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  const significant = last[0] === 0 ? last.subarray(1) : last;
  return significant.length * 8;
}

const SOURCES = ['effective', 'configured', 'dropbear'] as const;

/** Values of the global part; what stands below a `Match` holds for some only. */
export function sshd(lines: Lines, versionLines: Lines = []): Sshd | undefined {
  const source = SOURCES.find((each) => each === lines[0]);
  if (!source) return undefined;
  const values: Record<string, string> = Object.create(null);
  let isMatch = false;
  for (const line of lines.slice(1)) {
    const [, keyword = '', value = ''] = /^\s*(?:option\s+)?(\w+)[\s=]+["']?(.*?)["']?\s*$/.exec(line) ?? [];
    const name = keyword.toLowerCase();
    if (name === 'match') isMatch = !/^all$/i.test(value);
    else if (name !== '' && !isMatch && values[name] === undefined) values[name] = value;
  }
  const version = /(?:OpenSSH_|Dropbear v)([\d.]+(?:p\d+)?)/i.exec(versionLines.join(' '))?.[1];
  return { source, values, ...(version !== undefined && { version }) };
}

/** `ps` of procps, of BusyBox, and whatever else begins with a pid. */
export function processes(lines: Lines): Process[] {
  return lines.slice(0, 2_000).flatMap((line) => {
    const full = /^\s*(\d+)\s+\d+\s+(\S+)\s+([\d.]+)\s+([\d.]+)\s+\d+\s+(\S+)\s+(.*)$/.exec(line);
    if (full) {
      const [, pid, user = '', cpu, memory, elapsed = '', command = ''] = full;
      return [{ pid: Number(pid), user, cpu: Number(cpu), memory: Number(memory), elapsed, command }];
    }
    // With or without parent, size, and elapsed time or state.
    const short =
      /^\s*(\d+)\s+(?:\d+\s+)?(\S+)\s+(?:[\d.]+[mgk]?\s+)?(?:\d*[-\d]*:\S+\s+|[DRSTZIWX][<Nsl+]*\s+)?(\S.*)$/.exec(
        line,
      );
    return short ? [{ pid: Number(short[1]), user: short[2] ?? '', command: (short[3] ?? '').slice(0, 200) }] : [];
  });
}

export function logins(lines: Lines): NonNullable<Facts['logins']> {
  const failed = /^failed (\d+)$/.exec(lines[0] ?? '')?.[1];
  const last = lines.flatMap((line) => (/^last \S/.test(line) && !/wtmp begins/.test(line) ? [line.slice(5)] : []));
  return { ...(failed !== undefined && { failed: Number(failed) }), last };
}
