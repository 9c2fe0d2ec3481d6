import { networkInterfaces } from 'node:os';
import { type LanInterface, readInterfaces } from '../../discovery/interfaces.ts';
import { cidrOf, cidrText } from './cidr.ts';
import type { SweepLink } from './sweep/result.ts';

/** A subnet that the appliance has an address in. */
export interface OwnLink extends SweepLink {
  cidr: string;
}

/** The links of an interface, one for each of its networks; pure. */
export function linksOf(interfaces: readonly LanInterface[], macOf: (name: string) => string | undefined): OwnLink[] {
  return interfaces.flatMap(({ name, networks }) =>
    networks.flatMap(({ address, netmask }) => {
      const cidr = cidrOf(address, netmask);
      const mac = macOf(name);
      return cidr && cidr.prefix < 31 && mac ? [{ name, address, mac, cidr: cidrText(cidr) }] : [];
    }),
  );
}

/** Of this machine now; a link of containers or a tunnel is none. */
export function readOwnLinks(): OwnLink[] {
  const listed = networkInterfaces();
  return linksOf(readInterfaces(), (name) => listed[name]?.[0]?.mac.toLowerCase());
}
