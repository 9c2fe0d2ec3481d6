import { newId } from '../ids.ts';
import type { DeviceRecord, SubnetRecord } from './documents.ts';
import { isRandom } from './mac.ts';
import { isAway } from './presence.ts';
import type { Sighting, Swept } from './sweep/result.ts';

/** What is kept of each device; the oldest goes first. */
const MOST_SPANS = 300;
const MOST_ADDRESSES = 50;
const MOST_MACS = 64;

export interface Observation {
  subnet: SubnetRecord;
  swept: Pick<Swept, 'sightings' | 'why'>;
  /** When the sweep began: who was heard of since has answered it. */
  startedAt: number;
  now: number;
  /** Devices that the site may still get. */
  room: number;
}

/** A device that nobody has heard of before. */
export function newDevice(siteId: string, now: number): DeviceRecord {
  return {
    ...{ id: newId(now), siteId, rev: 0, standing: 'new', tellGone: false, watchCertificates: false },
    ...{ macs: [], addresses: [], names: {}, services: [], firstSeenAt: now, misses: 0, spans: [] },
    ...{ merged: [], apart: [] },
  };
}

/**
 * What a sweep makes of the devices of a site: pure; answers with those that are others than before, and new ones. Who did not answer
 * is only counted as missed when every address was asked, so that a sweep that failed or was cancelled takes nobody away.
 */
export function observe(devices: readonly DeviceRecord[], observation: Observation): DeviceRecord[] {
  const { subnet, swept, now } = observation;
  const changed = new Map<string, DeviceRecord>();
  const current = new Map(devices.map((device) => [device.id, device]));
  const isFirst = subnet.last?.isComplete !== true;
  let { room } = observation;
  for (const sighting of swept.sightings) {
    const known = findFor([...current.values()], sighting, subnet.id);
    if (!known && room-- <= 0) continue;
    const device = withSighting(known ?? arrival(subnet, sighting, isFirst), sighting, subnet.id);
    current.set(device.id, device);
    changed.set(device.id, device);
  }
  if (swept.why !== undefined) return [...changed.values()];
  for (const device of devices) {
    if (changed.has(device.id) || device.subnetId !== subnet.id || device.lastSeenAt === undefined) continue;
    // Once it is away for certain, nothing is left to count: a write for each sweep would say nothing new.
    if (isAway(device, now)) continue;
    changed.set(device.id, { ...device, misses: device.misses + 1 });
  }
  return [...changed.values()];
}

/** By its card, whatever its address; one without a card, behind a router, by its address. */
function findFor(devices: readonly DeviceRecord[], { ip, mac }: Sighting, subnetId: string): DeviceRecord | undefined {
  if (mac !== undefined) return devices.find(({ macs }) => macs.includes(mac));
  return devices.find(
    (device) => device.macs.length === 0 && device.subnetId === subnetId && device.addresses[0]?.ip === ip,
  );
}

function arrival(subnet: SubnetRecord, { mac, at }: Sighting, isFirst: boolean): DeviceRecord {
  const isQuiet = isFirst || !subnet.tellNew || (mac !== undefined && isRandom(mac) && !subnet.tellRandomised);
  return { ...newDevice(subnet.siteId, at), ...(isQuiet && { isUntold: true }) };
}

/** It answered from this address at this moment. */
export function withSighting(device: DeviceRecord, { ip, mac, at }: Sighting, subnetId: string): DeviceRecord {
  const lastSeenAt = Math.max(at, device.lastSeenAt ?? 0);
  const macs = mac === undefined ? device.macs : [mac, ...device.macs.filter((each) => each !== mac)];
  return {
    ...device,
    subnetId,
    macs: macs.slice(0, MOST_MACS),
    addresses: addressesWith(device, { ip, at, ...(mac !== undefined && { mac }) }),
    firstSeenAt: Math.min(device.firstSeenAt, at),
    lastSeenAt,
    misses: 0,
    spans: spansWith(device, at),
  };
}

function addressesWith({ addresses }: DeviceRecord, { ip, mac, at }: Sighting): DeviceRecord['addresses'] {
  const known = addresses.find((each) => each.ip === ip && each.mac === mac);
  const span = { ip, ...(mac !== undefined && { mac }), firstAt: known?.firstAt ?? at, lastAt: at };
  return [span, ...addresses.filter((each) => each !== known)].slice(0, MOST_ADDRESSES);
}

/** The span goes on, unless it was away in between. */
function spansWith(device: DeviceRecord, at: number): DeviceRecord['spans'] {
  const { spans } = device;
  const last = spans.at(-1);
  if (!last || isAway(device, at)) return [...spans, { from: at, to: at }].slice(-MOST_SPANS);
  return [...spans.slice(0, -1), { from: last.from, to: Math.max(last.to, at) }];
}
