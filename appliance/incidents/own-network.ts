import { createSocket } from 'node:dgram';
import { readdir, readFile } from 'node:fs/promises';
import type { OwnNetwork } from './outage.ts';

/** Interfaces that say nothing about the way out of the machine. */
const VIRTUAL = /^(?:lo|veth|docker|br-|virbr|vnet|tap|tun|wg|zt|cni|flannel|cali|dummy|ifb|tailscale)/;
const COMPLETE = 0x2;

/** Names of interfaces, the files of each, and the tables of the kernel, as text; undefined where there is none. */
export interface NetworkFiles {
  interfaces(): Promise<readonly string[]>;
  text(path: string): Promise<string | undefined>;
}

/** IPv4 address of the default gateway, from `/proc/net/route` (addresses in hexadecimal, little-endian). */
export function gatewayOf(routes: string): string | undefined {
  for (const line of routes.split('\n').slice(1)) {
    const [, destination, gateway = '', flags = '0', , , , mask] = line.trim().split(/\s+/);
    const isDefault = destination === '00000000' && mask === '00000000';
    if (!isDefault || !/^[0-9A-Fa-f]{8}$/.test(gateway) || (Number.parseInt(flags, 16) & 0x3) !== 0x3) continue;
    const bytes = gateway.match(/../g) ?? [];
    return bytes
      .reverse()
      .map((byte) => Number.parseInt(byte, 16))
      .join('.');
  }
  return undefined;
}

/** Whether a neighbour is known by its hardware address, from `/proc/net/arp`; undefined where it is not in the table. */
export function isNeighbour(arp: string, address: string): boolean | undefined {
  for (const line of arp.split('\n').slice(1)) {
    const [ip, , flags = '0'] = line.trim().split(/\s+/);
    if (ip === address) return (Number.parseInt(flags, 16) & COMPLETE) !== 0;
  }
  return undefined;
}

/** Whether any link is up: a carrier, or an interface that says so itself. */
export async function linksOf(files: NetworkFiles): Promise<OwnNetwork['links']> {
  const states: string[] = [];
  for (const name of await files.interfaces()) {
    if (VIRTUAL.test(name)) continue;
    const state = (await files.text(`/sys/class/net/${name}/operstate`))?.trim();
    if (state !== undefined) states.push(state);
  }
  if (states.length === 0) return 'unknown';
  return states.every((state) => state === 'down' || state === 'lowerlayerdown' || state === 'notpresent')
    ? 'down'
    : 'up';
}

/** What Linux knows of the machine's own network, without any right; elsewhere everything is unknown. */
export async function readOwnNetwork(files: NetworkFiles, ask: (gateway: string) => void): Promise<OwnNetwork> {
  const links = await linksOf(files);
  const gateway = gatewayOf((await files.text('/proc/net/route')) ?? '');
  if (gateway === undefined) return { links, gateway: 'unknown' };
  const isThere = isNeighbour((await files.text('/proc/net/arp')) ?? '', gateway);
  ask(gateway);
  return { links, gateway: isThere === undefined ? 'unknown' : isThere ? 'answers' : 'silent' };
}

export const kernelFiles: NetworkFiles = {
  interfaces: () => readdir('/sys/class/net').catch(() => []),
  text: (path) => readFile(path, 'utf8').catch(() => undefined),
};

/** One empty datagram to the discard port: it makes the kernel look whether the gateway is still there, and is all that is sent. */
export function nudge(address: string): void {
  const socket = createSocket('udp4');
  const close = (): void => void socket.close();
  socket.once('error', close);
  socket.unref();
  socket.send(Buffer.alloc(0), 9, address, close);
}
