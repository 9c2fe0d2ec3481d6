import { isIPv4 } from 'node:net';

/** An IPv4 network: its first address as a number, and the length of its prefix. */
export interface Cidr {
  base: number;
  prefix: number;
}

export const toNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

export const toIp = (value: number): string =>
  [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');

const sizeOf = ({ prefix }: Cidr): number => 2 ** (32 - prefix);

/** Reads `192.168.1.7/24` as the network that it lies in; undefined for what is none. */
export function parseCidr(text: string): Cidr | undefined {
  const [ip = '', bits = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isIPv4(ip) || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const prefix = Number(bits);
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(toNumber(ip) / size) * size, prefix };
}

/** Of an interface: address and netmask as the system lists them. */
export function cidrOf(address: string, netmask: string): Cidr | undefined {
  const mask = toNumber(netmask);
  const prefix = 32 - Math.log2(2 ** 32 - mask);
  return Number.isInteger(prefix) ? parseCidr(`${address}/${prefix}`) : undefined;
}

export const cidrText = ({ base, prefix }: Cidr): string => `${toIp(base)}/${prefix}`;

/** Every address that a machine may have: network and broadcast address are none, but in a /31 or /32. */
export function addressesOf(cidr: Cidr): string[] {
  const size = sizeOf(cidr);
  const [from, to] = size > 2 ? [1, size - 1] : [0, size];
  return Array.from({ length: to - from }, (_, n) => toIp(cidr.base + from + n));
}

export const countOf = (cidr: Cidr): number => (sizeOf(cidr) > 2 ? sizeOf(cidr) - 2 : sizeOf(cidr));

export const contains = (cidr: Cidr, ip: string): boolean => {
  if (!isIPv4(ip)) return false;
  const value = toNumber(ip);
  return value >= cidr.base && value < cidr.base + sizeOf(cidr);
};

export const overlap = (a: Cidr, b: Cidr): boolean => a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);

export const broadcastOf = (cidr: Cidr): string => toIp(cidr.base + sizeOf(cidr) - 1);

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'];

/** Whether the whole network is one of those that nobody has on the Internet (RFC 1918, 6598, 3927). */
export const isPrivate = (cidr: Cidr): boolean =>
  PRIVATE.some((text) => {
    const range = parseCidr(text);
    return range !== undefined && cidr.prefix >= range.prefix && contains(range, toIp(cidr.base));
  });
