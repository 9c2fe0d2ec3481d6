import { isIPv4, isIPv6 } from 'node:net';

/** An IPv4 address as a number; NaN for anything else. */
function toNumber(address: string): number {
  if (!isIPv4(address)) return Number.NaN;
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Whether an IPv4 address lies in the network of `own`; false for anything that is no IPv4 address. */
export function inNetwork(address: string, own: { address: string; netmask: string }): boolean {
  const [one, other, mask] = [toNumber(address), toNumber(own.address), toNumber(own.netmask)];
  if (Number.isNaN(one + other + mask)) return false;
  return (one & mask) === (other & mask);
}

/** Whether another machine can be reached at this address: no loopback, wildcard, multicast or link-local IPv6 address. */
export function isReachable(address: string): boolean {
  if (isIPv4(address)) {
    const first = Number(address.split('.')[0]);
    return first !== 0 && first !== 127 && first < 224;
  }
  return isIPv6(address) && !/^(?:f[ef]|::)/i.test(address) && !address.includes('%');
}

/** The address as it stands in a URL. */
export const urlHost = (address: string): string => (address.includes(':') ? `[${address}]` : address);
