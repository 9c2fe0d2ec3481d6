import type { Host } from '../../protocol/hosts.ts';
import type { DeviceRecord } from './documents.ts';
import { isRandom } from './mac.ts';
import { areApart } from './merge.ts';

type Pair = readonly [keep: string, other: string];

/** Devices and hosts that are one machine, by what its agent says of its cards. */
export const hostMerges = {
  /** Devices that turn out to be a host. A device that is one already stays it. */
  links(devices: readonly DeviceRecord[], hosts: readonly Host[]): { id: string; hostId: string }[] {
    return devices.flatMap(({ id, hostId, macs }) => {
      if (hostId !== undefined) return [];
      const host = hosts.find(({ facts }) => facts?.macs.some((mac) => macs.includes(mac)));
      return host ? [{ id, hostId: host.id }] : [];
    });
  },

  /** Devices of the same host, but those that a person took apart. */
  pairs(devices: readonly DeviceRecord[]): Pair[] {
    const first = new Map<string, DeviceRecord>();
    return devices.flatMap((device): Pair[] => {
      if (device.hostId === undefined) return [];
      const keep = first.get(device.hostId);
      if (!keep) {
        first.set(device.hostId, device);
        return [];
      }
      return areApart(keep, device) ? [] : [[keep.id, device.id]];
    });
  },
};

/** The devices that are cards of the appliance itself. */
export function ownPairs(devices: readonly DeviceRecord[], own: readonly string[]): Pair[] {
  const [first, ...rest] = devices.filter(({ macs }) => macs.some((mac) => own.includes(mac)));
  return first ? rest.filter((each) => !areApart(first, each)).map((each): Pair => [first.id, each.id]) : [];
}

/** Names that are of many phones tell nothing. */
const COMMON = /^(?:localhost|android(?:[-_ ].*)?|iphone|ipad|galaxy.*|pixel.*|unknown|wlan0|espressif)$/i;
const LEAST_NAME = 3;

const ownName = ({ names }: DeviceRecord): string | undefined => {
  const name = (names.mdns ?? names.dns ?? names.llmnr ?? names.netbios)
    ?.toLowerCase()
    .replace(/\.(?:local|lan|home)\.?$/, '');
  return name !== undefined && name.length >= LEAST_NAME && !COMMON.test(name) ? name : undefined;
};

/**
 * Devices with random MACs that have the same name in the same subnet, where the older one is silent since the newer one came: one
 * phone that has made up another MAC.
 */
export function nameMerges(devices: readonly DeviceRecord[]): Pair[] {
  const random = devices.filter(({ macs }) => macs.length > 0 && macs.every(isRandom));
  const merged = new Set<string>();
  return random.flatMap((older): Pair[] => {
    const name = ownName(older);
    if (name === undefined || merged.has(older.id)) return [];
    const newer = random.find(
      (each) =>
        each.id !== older.id &&
        !merged.has(each.id) &&
        each.subnetId === older.subnetId &&
        ownName(each) === name &&
        each.firstSeenAt > (older.lastSeenAt ?? 0) &&
        older.misses > 0 &&
        !areApart(older, each),
    );
    if (!newer) return [];
    merged.add(newer.id);
    return [[older.id, newer.id]];
  });
}
