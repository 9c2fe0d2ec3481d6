import { lookup as lookUp } from 'node:dns';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { BundleError } from './bundle.ts';

/** Addresses that only a LAN has (RFC 1918, RFC 4193), and those of a provider's or an overlay's inner net (RFC 6598). */
const near = new BlockList();
near.addSubnet('10.0.0.0', 8, 'ipv4');
near.addSubnet('172.16.0.0', 12, 'ipv4');
near.addSubnet('192.168.0.0', 16, 'ipv4');
near.addSubnet('100.64.0.0', 10, 'ipv4');
near.addSubnet('fc00::', 7, 'ipv6');

/** Whether an address is one of the LAN: never this machine itself, never link-local, never the internet. */
export function isOfLan(address: string): boolean {
  const bare = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const family = isIP(bare);
  return family !== 0 && near.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

const MOST_REDIRECTS = 5;
const SILENT_MS = 30_000;

export interface LanFetch {
  url: string;
  signal: AbortSignal;
  mostBytes: number;
  isNear?: (address: string) => boolean;
}

/**
 * Opens a file on the LAN. What a name resolves to is judged when it is connected to, and at each redirect anew, so that neither can
 * lead out of the LAN. Fails with `BundleError`.
 */
export async function openOnLan({ url, signal, mostBytes, isNear = isOfLan }: LanFetch): Promise<IncomingMessage> {
  let target = checked(url, isNear);
  for (let n = 0; n <= MOST_REDIRECTS; n++) {
    const answer = await get(target, signal, isNear);
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 300 && statusCode < 400 && headers.location) {
      answer.destroy();
      target = checked(new URL(headers.location, target).href, isNear);
      continue;
    }
    if (statusCode === 200 && Number(headers['content-length'] ?? 0) <= mostBytes) return answer;
    answer.destroy();
    if (statusCode === 200) throw new BundleError(`The file at ${target.host} is larger than an update can be`);
    throw new BundleError(`${target.host} answered with status ${statusCode}: check the address`);
  }
  throw new BundleError(`${target.host} sends from one address to the next and to no file`);
}

function checked(text: string, isNear: (address: string) => boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new BundleError('The address of an update begins with http:// or https://');
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) && !isNear(bare)) throw outside(url.hostname);
  return url;
}

const outside = (host: string): BundleError =>
  new BundleError(
    `${host} is not on the LAN: give an address that begins with 10., 192.168. or 172.16. to 172.31., or a name of one; or send the file from this page`,
  );

function get(url: URL, signal: AbortSignal, isNear: (address: string) => boolean): Promise<IncomingMessage> {
  const send = url.protocol === 'https:' ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asking = send(url, { signal, agent: false, lookup: nearLookup(isNear), timeout: SILENT_MS }, resolve);
    asking.on('timeout', () => asking.destroy(new BundleError(`${url.host} does not answer`)));
    asking.on('error', (error: NodeJS.ErrnoException) => reject(explained(error, url, signal)));
    asking.end();
  });
}

const nearLookup =
  (isNear: (address: string) => boolean): LookupFunction =>
  (hostname, options, done) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0);
      const allowed = addresses.filter(({ address }) => isNear(address));
      const [first] = allowed;
      if (!first) return done(Object.assign(new Error('outside'), { code: 'OUTSIDE' }), '', 0);
      if (options.all) return done(null, allowed);
      done(null, first.address, first.family);
    });
  };

const WORDS: Record<string, string> = {
  ENOTFOUND: 'this name is not known: check the address and the DNS',
  EAI_AGAIN: 'the DNS does not answer',
  ECONNREFUSED: 'it refuses connections: is its service running, and the port right?',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
};

function explained(error: NodeJS.ErrnoException, { host, hostname }: URL, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof BundleError) return error;
  if (error.code === 'OUTSIDE') return outside(hostname);
  const code = error.code ?? 'unknown';
  const isTrust = /CERT|SIGNATURE|SSL|TLS/.test(code);
  const why = isTrust
    ? 'its certificate is not trusted; http:// does as well, because an update is signed'
    : WORDS[code];
  return new BundleError(`${host}: ${why ?? `the request failed (${code})`}`);
}
