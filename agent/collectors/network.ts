import * as z from 'zod/mini';
import { matcher } from '../names.ts';
import { Instances } from '../rate.ts';
import { type Carried, type InterfaceCounters, InterfaceRates, putTotals } from '../reading/interface-rates.ts';
import { collector, type DescriptorInput, type Put, type ReaderDeps } from './collector.ts';
import { readMac } from './network.darwin.ts';
import { readWindows } from './network.win32.ts';

const SLOW_EVERY_MS = 60_000;

/** Every interface of /proc/net/dev, in the order of its head line. */
export function parseNetDev(text: string): InterfaceCounters[] {
  const interfaces: InterfaceCounters[] = [];
  for (const line of text.split('\n')) {
    // An alias may hold a colon itself, a number never does.
    const colon = line.lastIndexOf(':');
    if (colon < 0) continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/ +/)
      .map(Number);
    const [receivedBytes = 0, , receiveErrors = 0, receiveDrops = 0] = fields;
    const [sentBytes = 0, , sendErrors = 0, sendDrops = 0] = fields.slice(8);
    const name = line.slice(0, colon).trim();
    interfaces.push({ name, receivedBytes, receiveErrors, receiveDrops, sentBytes, sendErrors, sendDrops });
  }
  return interfaces;
}

/** What changes rarely: read once a minute, because some drivers take long to tell the speed. */
interface Slow {
  isUp: boolean;
  /** Bits per second; undefined where the driver does not know (Wi-Fi, most virtual ones). */
  speed?: number;
}

function readSlow(name: string, { files }: ReaderDeps): Slow | undefined {
  const state = files.once(`/sys/class/net/${name}/operstate`)?.trim();
  if (state === undefined) return undefined;
  const carrier = files.once(`/sys/class/net/${name}/carrier`)?.trim();
  const megabits = Number(files.once(`/sys/class/net/${name}/speed`)?.trim());
  const isUp = state === 'up' || (state === 'unknown' && carrier === '1');
  return { isUp, ...(isUp && megabits > 0 && { speed: megabits * 1e6 }) };
}

/** One interface: its rates since the last call, and its link. */
class Interface {
  /** Has a device of its own. Bridges, bonds and VLANs have not: what they carry is counted at the device below. */
  readonly isDevice: boolean;
  readonly #deps: ReaderDeps;
  readonly #name: string;
  readonly #rates: InterfaceRates;
  #slow: Slow | undefined;
  #slowAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, deps: ReaderDeps) {
    this.#name = name;
    this.#deps = deps;
    this.#rates = new InterfaceRates(name);
    this.isDevice = deps.files.link(`/sys/class/net/${name}/device`) !== undefined;
  }

  put(put: Put, now: InterfaceCounters, mono: number): Carried {
    const carried = this.#rates.put(put, now, mono);
    this.#putSlow(put, mono);
    return carried;
  }

  #putSlow(put: Put, mono: number): void {
    if (mono - this.#slowAt >= SLOW_EVERY_MS) {
      this.#slow = readSlow(this.#name, this.#deps);
      this.#slowAt = mono;
    }
    if (!this.#slow) return;
    put('system.network.link.up', this.#slow.isUp ? 1 : 0, this.#name);
    put('system.network.link.speed', this.#slow.speed, this.#name);
  }
}

type Settings = { skip: string[] };

function readLinux({ skip }: Settings, deps: ReaderDeps) {
  const netdev = deps.files.kernel('/proc/net/dev');
  const isSkipped = matcher(skip);
  const interfaces = new Instances((name) => new Interface(name, deps));
  return {
    read(put: Put, { mono }: { mono: number }) {
      const counters = parseNetDev(netdev.text(mono)).filter(({ name }) => !isSkipped(name));
      const each = counters.map((now) => {
        const instance = interfaces.get(now.name);
        return { isDevice: instance.isDevice, ...instance.put(put, now, mono) };
      });
      interfaces.sweep();
      // Inside a container no interface has a device: then all of them are the machine's.
      const devices = each.some(({ isDevice }) => isDevice) ? each.filter(({ isDevice }) => isDevice) : each;
      putTotals(put, devices);
    },
  };
}

const perInterface = (id: string, title: string, rest: Partial<DescriptorInput>): DescriptorInput => ({
  id,
  title,
  unit: 'By/s',
  kind: 'rate',
  rollup: 'average',
  attributes: ['network.interface.name', 'network.io.direction'],
  min: 0,
  ...rest,
});

/** Loopback, and what container engines, hypervisors and the kernel's own tunnels bring along. */
const SKIPPED =
  'lo lo0 veth* docker* br-* virbr* vnet* tap* ifb* dummy* cni* flannel* cali* cilium* lxc* lxdbr* podman* kube* nodelocaldns teql* tunl* sit* gre* erspan* ip6tnl* ip6gre* ip_vti* ip6_vti* awdl* llw* anpi* utun* gif* stf*';

/** What the interfaces carry, in total and each. */
export const network = collector({
  id: 'network',
  title: 'Network',
  isSlow: ['darwin', 'win32'],
  settings: z.object({ skip: z._default(z.array(z.string()), SKIPPED.split(' ')) }),
  descriptors: [
    perInterface('system.network.receive.rate', 'Received', {
      attributes: [],
      chart: { group: 'network', order: 61, style: 'area', card: 'network-in' },
    }),
    perInterface('system.network.transmit.rate', 'Sent', {
      attributes: [],
      chart: { group: 'network', order: 62, style: 'area', card: 'network-out' },
    }),
    perInterface('system.network.io.rate', 'Network by interface', {
      chart: { group: 'network-interface', order: 60, style: 'line' },
    }),
    perInterface('system.network.errors.rate', 'Network errors', {
      unit: '{error}/s',
      chart: { group: 'network-errors', order: 63, style: 'line' },
    }),
    perInterface('system.network.packet.dropped.rate', 'Packets dropped', {
      unit: '{packet}/s',
      chart: { group: 'network-errors', order: 64, style: 'line' },
    }),
    perInterface('system.network.link.up', 'Link', {
      unit: '1',
      kind: 'state',
      rollup: 'last',
      attributes: ['network.interface.name'],
      max: 1,
    }),
    perInterface('system.network.link.speed', 'Link speed', {
      unit: 'bit/s',
      kind: 'gauge',
      rollup: 'last',
      attributes: ['network.interface.name'],
    }),
  ],
  read: { linux: readLinux, darwin: readMac, win32: readWindows },
});
