import type { SystemFiles } from '../files.ts';
import { isMac } from './gateways.ts';

/** Ends of virtual machines in bridges: libvirt and plain KVM, Proxmox, Xen. */
const OF_MACHINES = /^(?:vnet\d+|tap\d+i\d+|macvtap\d+|vif\d+\.\d+)$/;
/** One line of `brforward`: MAC, low byte of the port, whether it is the bridge's own, age, high byte of the port. */
const LINE_BYTES = 16;
const MOST_GUESTS = 256;
const at = '/sys/class/net';

/** Hardware addresses that a bridge has heard behind each of its ports, from the bytes of `brforward`; its own are left out. */
export function parseForward(bytes: Buffer): { mac: string; port: number }[] {
  const found: { mac: string; port: number }[] = [];
  for (let from = 0; from + LINE_BYTES <= bytes.length; from += LINE_BYTES) {
    const line = bytes.subarray(from, from + LINE_BYTES);
    if (line.readUInt8(7) !== 0) continue;
    const mac = (line.toString('hex', 0, 6).match(/../g) ?? []).join(':');
    const isOfGroup = (line.readUInt8(0) & 1) === 1;
    if (isMac(mac) && !isOfGroup) found.push({ mac, port: line.readUInt8(6) | (line.readUInt8(12) << 8) });
  }
  return found;
}

/**
 * Hardware addresses of the virtual machines and containers that reach the network through this machine: those that its bridges have
 * heard behind ports which lead nowhere else. A port to a cable, a VLAN or another bridge has the whole network behind it and does not count.
 */
export function readGuestMacs(files: SystemFiles): string[] {
  const names = files.list(at);
  const bridges = names.filter((name) => files.exists(`${at}/${name}/brforward`));
  const macs = bridges.flatMap((bridge) => {
    const ports = files
      .list(`${at}/${bridge}/brif`)
      .filter((port) => leadsToGuest(port, names, files))
      .map((port) => Number(files.once(`${at}/${port}/brport/port_no`)));
    const heard = parseForward(files.bytes(`${at}/${bridge}/brforward`) ?? Buffer.alloc(0));
    return heard.filter(({ port }) => ports.includes(port)).map(({ mac }) => mac);
  });
  return [...new Set(macs)].sort().slice(0, MOST_GUESTS);
}

const numberIn = (files: SystemFiles, path: string): number => Number(files.once(path));

/** A virtual cable whose other end is in another network namespace, so in a container: no interface here is that end. */
function leadsToGuest(port: string, names: readonly string[], files: SystemFiles): boolean {
  if (OF_MACHINES.test(port)) return true;
  if (!/^veth/.test(port)) return false;
  const [own, other] = [numberIn(files, `${at}/${port}/ifindex`), numberIn(files, `${at}/${port}/iflink`)];
  return !names.some(
    (name) => numberIn(files, `${at}/${name}/ifindex`) === other && numberIn(files, `${at}/${name}/iflink`) === own,
  );
}
