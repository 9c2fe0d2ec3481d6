import type { Device, DeviceDetail, Subnet } from '../../protocol/network.ts';
import { countOf, parseCidr } from './cidr.ts';
import { revOf } from './devices.ts';
import type { DeviceRecord, MergedDevice, SubnetRecord } from './documents.ts';
import { isRandom } from './mac.ts';
import type { Judged } from './presence.ts';
import { isSweepable } from './subnets.ts';
import type { Sweeping } from './sweeps.ts';

type Vendor = (mac: string) => string | undefined;

/** What is known of a device beside its record. */
export interface Beside {
  judged: Judged;
  vendorOf: Vendor;
  /** Name of the host that it is. */
  hostName?: string | undefined;
  conflict?: string | undefined;
}

const NAME_ORDER = ['mdns', 'dns', 'netbios', 'llmnr', 'ssdp'] as const;

/** Names that many devices have say nothing. */
const GENERIC = /^(?:localhost|unknown|android|iphone|ipad|espressif|wlan0)$/i;

/** What a device is shown as: what people call it, its host, what it calls itself, who made it, its address. */
export function titleOf(
  { name, names, macs, addresses, model }: Pick<DeviceRecord, 'name' | 'names' | 'macs' | 'addresses' | 'model'>,
  { vendorOf, hostName }: Pick<Beside, 'vendorOf' | 'hostName'>,
): string {
  if (name !== undefined) return name;
  if (hostName !== undefined) return hostName;
  const own = NAME_ORDER.map((source) => names[source]).find((each) => each !== undefined && !GENERIC.test(each));
  if (own !== undefined) return own.replace(/\.(?:local|lan|home|fritz\.box|home\.arpa)\.?$/i, '');
  const [mac] = macs;
  const vendor = mac === undefined ? undefined : vendorOf(mac);
  return model ?? vendor ?? addresses[0]?.ip ?? mac ?? 'Device';
}

export function asDevice(record: DeviceRecord, beside: Beside): Device {
  const { judged, vendorOf, conflict } = beside;
  const { subnetId, name, note, standing, names, services, model, hostId, lastSeenAt, fixedAddress } = record;
  const [newest] = record.addresses;
  return {
    id: record.id,
    rev: revOf(record),
    ...(subnetId !== undefined && { subnetId }),
    ...(name !== undefined && { name }),
    title: titleOf(record, beside),
    ...(note !== undefined && { note }),
    standing,
    presence: judged.presence,
    presenceText: judged.text,
    ...(newest && { address: newest.ip }),
    macs: record.macs.map((mac) => {
      const vendor = vendorOf(mac);
      return { mac, ...(vendor !== undefined && { vendor }), isRandom: isRandom(mac) };
    }),
    names: NAME_ORDER.flatMap((source) => {
      const found = names[source];
      return found === undefined ? [] : { source, name: found };
    }),
    services,
    ...(model !== undefined && { model }),
    ...(hostId !== undefined && { hostId }),
    firstSeenAt: record.firstSeenAt,
    ...(lastSeenAt !== undefined && { lastSeenAt }),
    tellGone: record.tellGone,
    ...(fixedAddress !== undefined && { fixedAddress }),
    watchCertificates: record.watchCertificates,
    ...(conflict !== undefined && { conflict }),
  };
}

export function asDetail(record: DeviceRecord, beside: Beside & { canWake: boolean }): DeviceDetail {
  return {
    ...asDevice(record, beside),
    spans: record.spans.map(({ from, to }) => ({ from, to })).reverse(),
    addresses: record.addresses.map(({ ip, mac, firstAt, lastAt }) => ({
      ip,
      ...(mac !== undefined && { mac }),
      firstAt,
      lastAt,
    })),
    ipv6: record.ipv6 ?? [],
    merged: record.merged.map((each) => asMerged(each, beside.vendorOf)),
    ...(record.ports && { ports: record.ports }),
    canWake: beside.canWake,
  };
}

const asMerged = (each: MergedDevice, vendorOf: Vendor): DeviceDetail['merged'][number] => ({
  id: each.id,
  title: titleOf(each, { vendorOf }),
  macs: each.macs,
  why: each.why,
});

export interface BesideSubnet {
  interfaceName?: string | undefined;
  counts: Subnet['counts'];
  sweeping: Sweeping;
}

export function asSubnet(record: SubnetRecord, { interfaceName, counts, sweeping }: BesideSubnet): Subnet {
  const { siteId: _, cidr, last, ...fields } = record;
  const range = parseCidr(cidr);
  const trouble = troubleOf(record, interfaceName);
  return {
    ...fields,
    cidr,
    addresses: range ? countOf(range) : 0,
    ...(interfaceName !== undefined && { interface: interfaceName }),
    ...(trouble !== undefined && { trouble }),
    counts,
    state: sweeping.state,
    ...(sweeping.progress && { progress: sweeping.progress }),
    ...(last && { last }),
  };
}

function troubleOf({ cidr, origin }: SubnetRecord, interfaceName: string | undefined): string | undefined {
  if (!isSweepable(cidr)) return 'It is larger than a /20: add the part of it that you need as a subnet of its own';
  if (origin === 'own' && interfaceName === undefined) return 'The appliance is not connected to it now';
  return undefined;
}
