import { readFileSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { inNetwork, isReachable } from './addresses.ts';

/** One interface that leads to a LAN. */
export interface LanInterface {
  name: string;
  /** Number that the kernel gave; another one means that it was made anew and all memberships are lost. 0 = unknown. */
  index: number;
  /** IPv4 address to send from. */
  address: string;
  /** Every IPv4 network on it. */
  networks: { address: string; netmask: string }[];
  /** What may be told to others on this LAN: its own addresses, without link-local ones. */
  addresses: string[];
}

/** Bridges, tunnels and links of containers and virtual machines: whoever is there is not on the LAN. */
const VIRTUAL =
  /^(?:lo|docker|br-|veth|virbr|vnet|vmnet|vboxnet|cni|cali|flannel|kube|lxc|lxd|podman|tun|tap|utun|wg|tailscale|zt|vEthernet)/;
const MOST_ADDRESSES = 8;

/** The LAN interfaces of this machine now. An interface that is down or has no IPv4 address is not among them. */
export function readInterfaces(): LanInterface[] {
  return usableInterfaces(networkInterfaces(), kernelIndex);
}

/** Chooses the LAN interfaces out of what the system lists; pure. */
export function usableInterfaces(
  listed: Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>,
  indexOf: (name: string) => number,
): LanInterface[] {
  return Object.entries(listed).flatMap(([name, all = []]) => {
    const networks = all.filter((one) => one.family === 'IPv4' && !one.internal && isReachable(one.address));
    const [first] = networks;
    if (!first || VIRTUAL.test(name)) return [];
    const addresses = all.map((one) => one.address).filter(isReachable);
    const scope = all.find((one) => one.family === 'IPv6' && one.scopeid)?.scopeid ?? 0;
    return {
      name,
      index: indexOf(name) || scope,
      address: first.address,
      networks: networks.map(({ address, netmask }) => ({ address, netmask })),
      addresses: addresses.slice(0, MOST_ADDRESSES),
    };
  });
}

function kernelIndex(name: string): number {
  if (process.platform !== 'linux' || name.includes('/')) return 0;
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')) || 0;
  } catch {
    return 0;
  }
}

/** Same key, same socket: the parts of an interface that a multicast membership depends on. */
export const interfaceKey = ({ name, index, address, networks }: LanInterface): string =>
  [name, index, address, ...networks.map((network) => network.netmask)].join('|');

/** Whether a packet from this address came in on the interface, as far as its networks tell. */
export const isOn = ({ networks }: LanInterface, source: string): boolean =>
  networks.some((network) => inNetwork(source, network));
