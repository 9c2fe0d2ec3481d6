import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** IPv4 and global IPv6 addresses of this machine, IPv4 first. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = all.filter(({ internal, scopeid, family }) => !internal && !(family === 'IPv6' && scopeid));
  return outside.sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
}

/** The address for another machine, where somebody here says `localhost` or a loopback address. */
export function addressForOthers(host: string, own: readonly string[]): string {
  const isLoopback = /^(localhost|.*\.localhost|127\..*|\[?::1\]?)$/i.test(host);
  return isLoopback ? (own[0] ?? host) : host;
}

/** `http://192.168.1.5`, with brackets and port where they are needed. */
export const originOf = (scheme: 'http' | 'https', host: string, port: number): string =>
  new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`).origin;

/** Every name under which a browser on the LAN may reach this machine; they stand in the browser's certificate. */
export function ownNames(url: string | undefined, hosts: readonly string[]): string[] {
  const host = hostname().toLowerCase();
  const given = [...(url ? [new URL(url).hostname] : []), ...hosts].map((name) => name.replace(/^\[|\]$/g, ''));
  const names = [
    'reeve.local',
    'localhost',
    '127.0.0.1',
    '::1',
    host,
    `${host.split('.')[0]}.local`,
    ...ownAddresses(),
    ...given,
  ];
  return [...new Set(names)].filter((name) => isIP(name) || /^[a-z0-9.-]{1,253}$/i.test(name));
}

/**
 * Whether a `Host` header may be answered. A page of another site can make the browser send its own name to our address
 * (DNS rebinding), so only names are taken that nobody outside can own: addresses, single labels, `.local`, and those set.
 */
export function isOurHost(
  header: string | undefined,
  { url, hosts }: { url?: string | undefined; hosts: readonly string[] },
): boolean {
  const name = header
    ?.trim()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '')
    .toLowerCase();
  // The name stands in the install line: nothing that a shell would take for more than a name.
  if (!name || name.length > 253 || !/^[a-z0-9_.[\]:-]+$/.test(name)) return false;
  if (isIP(name.replace(/^\[|\]$/g, '')) || !name.includes('.')) return true;
  if (name.endsWith('.local') || name.endsWith('.localhost') || name.endsWith('.reeve.internal')) return true;
  return (
    (url !== undefined && new URL(url).hostname.toLowerCase() === name) ||
    hosts.some((each) => each.toLowerCase() === name)
  );
}

/** Whether a request's `Origin` is the page that we served: same host and port. Requests of programs carry none. */
export function isOurOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host?.toLowerCase();
  } catch {
    return false;
  }
}
