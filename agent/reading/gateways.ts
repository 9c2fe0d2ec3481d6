import { isIPv4, isIPv6 } from 'node:net';
import type { SystemFiles } from '../files.ts';

/** A router that this machine sends through. */
export interface Gateway {
  address: string;
  /** Its hardware address, where the machine has it. */
  mac?: string;
  /** The way to the appliance goes through it: without it this machine cannot report. */
  isOnTheWay: boolean;
}

interface Route {
  /** Network and length of its prefix, in bits of one number. */
  network: bigint;
  prefix: number;
  bits: 32 | 128;
  /** Absent where the network is on the machine's own link. */
  gateway?: string;
  metric: number;
}

const UP = 0x1;
const THROUGH_GATEWAY = 0x2;
const REJECTED = 0x200;
const MOST = 4;

/** IPv4 routes from `/proc/net/route`: numbers in hexadecimal, addresses with their lowest byte first. */
export function parseRoutes(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [, to = '', via = '', flags = '0', , , metric = '0', mask = ''] = line.trim().split(/\s+/);
    if (![to, via, mask].every((each) => /^[0-9A-F]{8}$/i.test(each))) return [];
    const is = Number.parseInt(flags, 16);
    if ((is & UP) === 0 || (is & REJECTED) !== 0) return [];
    const prefix = bitsSet(turned(mask));
    const gateway = (is & THROUGH_GATEWAY) !== 0 ? dotted(turned(via)) : undefined;
    return [{ network: turned(to), prefix, bits: 32 as const, metric: Number(metric), ...(gateway && { gateway }) }];
  });
}

/** IPv6 routes from `/proc/net/ipv6_route`; those to the machine itself and to groups are left out. */
export function parseRoutes6(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [to = '', prefix = '', , , via = '', metric = '0', , , flags = '0', name] = line.trim().split(/\s+/);
    if (![to, via].every((each) => /^[0-9a-f]{32}$/i.test(each)) || name === 'lo' || /^ff/i.test(to)) return [];
    const is = Number.parseInt(flags, 16);
    if ((is & UP) === 0 || (is & REJECTED) !== 0) return [];
    const gateway = (is & THROUGH_GATEWAY) !== 0 ? shortened(via) : undefined;
    const length = Number.parseInt(prefix, 16);
    const network = BigInt(`0x${to}`);
    const cost = Number.parseInt(metric, 16);
    return [{ network, prefix: length, bits: 128 as const, metric: cost, ...(gateway && { gateway }) }];
  });
}

/** The route that the kernel takes: the longest prefix, then the least metric. */
export function routeTo(address: string, routes: readonly Route[]): Route | undefined {
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  if (bits === undefined) return undefined;
  const at = bits === 32 ? numberOf4(address) : numberOf6(address);
  const fitting = routes.filter(
    (route) =>
      route.bits === bits && at >> BigInt(bits - route.prefix) === route.network >> BigInt(bits - route.prefix),
  );
  return fitting.sort((a, b) => b.prefix - a.prefix || a.metric - b.metric)[0];
}

/** Hardware addresses of neighbours that have answered, from `/proc/net/arp`. */
export function parseArp(text: string): Map<string, string> {
  const COMPLETE = 0x2;
  return new Map(
    text.split('\n').flatMap((line) => {
      const [ip = '', , flags = '0', mac = ''] = line.trim().split(/\s+/);
      const isKnown = isIPv4(ip) && (Number.parseInt(flags, 16) & COMPLETE) !== 0 && isMac(mac);
      return isKnown ? [[ip, mac.toLowerCase()] as const] : [];
    }),
  );
}

/** The hardware address in an IPv6 address that was made of it (RFC 4291, appendix A); the kernel's table of them is in no file. */
export function macIn(address: string): string | undefined {
  const low = numberOf6(address) & 0xffff_ffff_ffff_ffffn;
  if (((low >> 24n) & 0xffffn) !== 0xfffen) return undefined;
  const bytes = [56n, 48n, 40n, 16n, 8n, 0n].map((shift) => Number((low >> shift) & 0xffn));
  bytes[0] = (bytes[0] ?? 0) ^ 0x02;
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** The routers that this machine sends through by default, and the one on its way to `appliance`, an address; none where nothing tells. */
export function readGateways(files: SystemFiles, appliance?: string): Gateway[] {
  const four = parseRoutes(files.once('/proc/net/route') ?? '');
  const six = parseRoutes6(files.once('/proc/net/ipv6_route') ?? '');
  const onTheWay = appliance === undefined ? undefined : routeTo(plain(appliance), [...four, ...six])?.gateway;
  const usual = [four, six].map((routes) => routeOut(routes)?.gateway);
  const arp = parseArp(files.once('/proc/net/arp') ?? '');
  return [...new Set([onTheWay, ...usual])]
    .flatMap((address) => address ?? [])
    .slice(0, MOST)
    .map((address) => {
      const mac = isIPv4(address) ? arp.get(address) : macIn(address);
      return { address, ...(mac !== undefined && { mac }), isOnTheWay: address === onTheWay };
    });
}

const routeOut = (routes: readonly Route[]): Route | undefined =>
  routes.filter(({ prefix, gateway }) => prefix === 0 && gateway).sort((a, b) => a.metric - b.metric)[0];

/** An IPv4 address as sockets for both kinds show it. */
const plain = (address: string): string => address.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '');

export const isMac = (text: string): boolean =>
  /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text) && text !== '00:00:00:00:00:00';

const turned = (hex: string): bigint => BigInt(`0x${(hex.match(/../g) ?? []).reverse().join('')}`);

const bitsSet = (number: bigint): number => number.toString(2).replaceAll('0', '').length;

const dotted = (number: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 0xffn)).join('.');

const numberOf4 = (address: string): bigint => address.split('.').reduce((sum, byte) => (sum << 8n) + BigInt(byte), 0n);

/** Every group written out, `::` as the zeros that it stands for. */
function numberOf6(address: string): bigint {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${/^[0-9a-f]{1,4}$/i.test(group) ? group : '0'}`), 0n);
}

/** 32 hexadecimal digits as people write them: the longest run of zeros as `::` (RFC 5952). */
function shortened(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16));
  const text = groups.join(':');
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(([run]) => run);
  const longest = runs.sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return text;
  const at = text.indexOf(longest);
  return `${text.slice(0, at)}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
