import { createHash } from 'node:crypto';
import {
  arch,
  cpus,
  hostname,
  type NetworkInterfaceInfo,
  networkInterfaces,
  release,
  totalmem,
  uptime,
  version,
} from 'node:os';
import type { HostFacts } from '../protocol/agent-link.ts';
import { SystemFiles } from './files.ts';
import { matcher } from './names.ts';
import { readGateways } from './reading/gateways.ts';
import { readGuestMacs } from './reading/guests.ts';

const MOST_ADDRESSES = 64;
const isForeign = matcher([
  'lo',
  'veth*',
  'docker*',
  'br-*',
  'virbr*',
  'vnet*',
  'cni*',
  'flannel*',
  'cali*',
  'lxc*',
  'vEthernet*',
]);

/**
 * What this machine is. `machineId` (REEVE_MACHINE_ID) takes the place of the system's own. `appliance`, an address, adds what is
 * around it: routers, and machines that hang on this one.
 */
export function readFacts({
  machineId,
  appliance,
  files = new SystemFiles(),
}: {
  machineId?: string;
  appliance?: string;
  files?: SystemFiles;
} = {}): HostFacts {
  const processors = cpus();
  const id = machineId ?? hashedMachineId(files);
  const model = modelOf(files, processors[0]?.model);
  const virtualisation = virtualisationOf(files);
  const bootAt = bootOf(files);
  return {
    hostName: clean(hostname(), 255),
    platform: platformOf(process.platform),
    os: clean(systemName(files), 120),
    kernel: clean(release(), 120),
    architecture: clean(arch(), 32),
    memoryBytes: totalmem(),
    ...addressesOf(networkInterfaces()),
    ...(processors.length > 0 && { cpuCores: Math.min(processors.length, 4096) }),
    ...(id !== undefined && { machineId: clean(id, 64) }),
    ...(model && { cpuModel: clean(model, 160) }),
    ...(virtualisation && { virtualisation }),
    ...(bootAt !== undefined && { bootAt }),
    ...(appliance !== undefined && around(files, appliance)),
  };
}

/** The appliance is this machine: no way leads there. */
const isOwn = (appliance: string, all: NodeJS.Dict<NetworkInterfaceInfo[]>): boolean =>
  /^(?:127\.|::1$|::ffff:127\.)/.test(appliance) ||
  Object.values(all).some((list) => list?.some(({ address }) => address === appliance));

/** Only Linux tells it in files; elsewhere a program would have to be asked. */
function around(files: SystemFiles, appliance: string): Pick<HostFacts, 'gateways' | 'guestMacs'> {
  const gateways = readGateways(files, isOwn(appliance, networkInterfaces()) ? undefined : appliance);
  const guestMacs = readGuestMacs(files);
  return { ...(gateways.length > 0 && { gateways }), ...(guestMacs.length > 0 && { guestMacs }) };
}

const clean = (text: string, longest: number): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, longest);

const platformOf = (platform: NodeJS.Platform): HostFacts['platform'] =>
  platform === 'linux' || platform === 'win32' || platform === 'darwin' ? platform : 'other';

/** machine-id(5) asks that the id itself stay on the machine. */
function hashedMachineId(files: SystemFiles): string | undefined {
  const id = (files.once('/etc/machine-id') ?? files.once('/var/lib/dbus/machine-id'))?.trim();
  return id && /^[0-9a-f]{32}$/.test(id)
    ? createHash('sha256').update(`reeve ${id}`).digest('hex').slice(0, 32)
    : undefined;
}

function systemName(files: SystemFiles): string {
  const release = files.once('/etc/os-release') ?? files.once('/usr/lib/os-release') ?? '';
  const name = /^PRETTY_NAME=(?:"(.*)"|'(.*)'|(.*))$/m.exec(release);
  return name?.[1] ?? name?.[2] ?? name?.[3] ?? (process.platform === 'linux' ? 'Linux' : version());
}

/** A board's own name says more than that of its processor, which small ones do not even have. */
function modelOf(files: SystemFiles, processor: string | undefined): string | undefined {
  const board = files.once('/proc/device-tree/model')?.replaceAll('\0', '').trim();
  return board || (processor && processor !== 'unknown' ? processor.replace(/ +/g, ' ').trim() : undefined);
}

const PRODUCTS: readonly [RegExp, string][] = [
  [/KVM|QEMU|Standard PC/, 'kvm'],
  [/VMware/, 'vmware'],
  [/VirtualBox/, 'virtualbox'],
  [/Virtual Machine/, 'hyper-v'],
  [/HVM domU|Xen/, 'xen'],
  [/Google Compute|Amazon EC2|Droplet|OpenStack|Firecracker/, 'cloud'],
];

/** In what the machine runs, as far as its files tell; undefined on bare metal. */
function virtualisationOf(files: SystemFiles): string | undefined {
  if (files.once('/.dockerenv') !== undefined) return 'docker';
  const container =
    files.once('/run/systemd/container')?.trim() || (files.once('/run/.containerenv') !== undefined && 'podman');
  if (container) return clean(container, 64);
  const product = `${files.once('/sys/class/dmi/id/sys_vendor') ?? ''} ${files.once('/sys/class/dmi/id/product_name') ?? ''}`;
  const known = PRODUCTS.find(([pattern]) => pattern.test(product))?.[1];
  return known ?? (/^flags\s*:.*\bhypervisor\b/m.test(files.once('/proc/cpuinfo') ?? '') ? 'vm' : undefined);
}

/** The kernel's own moment of boot moves when the clock is set; to the second, so that a fact is the same at every connection. */
function bootOf(files: SystemFiles): number | undefined {
  const seconds = Number(/^btime (\d+)$/m.exec(files.once('/proc/stat') ?? '')?.[1]);
  const at = seconds > 0 ? seconds * 1000 : Math.round((Date.now() - uptime() * 1000) / 10_000) * 10_000;
  return at > 946_684_800_000 ? at : undefined;
}

/** Addresses and MACs by which others on the network know this machine. */
export function addressesOf(all: NodeJS.Dict<NetworkInterfaceInfo[]>): Pick<HostFacts, 'addresses' | 'macs'> {
  const own = Object.entries(all).flatMap(([name, list = []]) => (isForeign(name) ? [] : list));
  const outside = own.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
  const macs = outside
    .map(({ mac }) => mac.toLowerCase())
    .filter((mac) => /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac));
  return {
    addresses: [...new Set(outside.map(({ address }) => address))].slice(0, MOST_ADDRESSES),
    macs: [...new Set(macs)].filter((mac) => mac !== '00:00:00:00:00:00').slice(0, MOST_ADDRESSES),
  };
}
