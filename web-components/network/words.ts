import type { Device, Presence, Standing, Subnet } from '../../protocol/network.ts';
import { msg, plural } from '../msg.ts';
import type { Level } from '../parts/levels.ts';

/** Where a device is, in one word. */
export const presenceWord = (presence: Presence): string =>
  ({ here: msg('here'), unsure: msg('unsure'), sleeping: msg('sleeping'), gone: msg('gone') })[presence];

/** A guest's phone that has left is nothing to look at; a device that people want to be told of is. */
export function presenceLevel({ presence, tellGone }: Pick<Device, 'presence' | 'tellGone'>): Level {
  if (presence === 'here') return 'ok';
  return presence === 'gone' && tellGone ? 'offline' : 'unknown';
}

export const standingWord = (standing: Standing): string =>
  ({ new: msg('new'), trusted: msg('trusted'), ignored: msg('ignored') })[standing];

/** Who made it: its vendor, that its MAC is a random one, or nothing that anybody knows. */
export function makerOf({ macs }: Pick<Device, 'macs'>): string {
  const vendor = macs.find((each) => each.vendor !== undefined)?.vendor;
  if (vendor !== undefined) return vendor;
  return macs.some(({ isRandom }) => isRandom) ? msg('Random MAC') : msg('Unknown vendor');
}

/** What became of the last sweep of a subnet, in a sentence. */
export function lastText({ last }: Pick<Subnet, 'last'>): string {
  if (!last) return msg('It was not swept yet.');
  const found = plural(last.found, { one: '{count} device', other: '{count} devices' });
  if (last.isComplete) return msg('{found} answered; all {of} addresses were asked.', { found, of: last.of });
  return msg('Not complete, {asked} of {of} addresses asked: {why}. Nobody counts as gone by it.', {
    asked: last.asked,
    of: last.of,
    why: last.why ?? '',
  });
}

/** How often a subnet is swept. */
export function everyText({ isEnabled, everyMinutes }: Pick<Subnet, 'isEnabled' | 'everyMinutes'>): string {
  if (!isEnabled) return msg('never');
  if (everyMinutes === 0) return msg('by hand');
  return plural(everyMinutes, { one: 'every minute', other: 'every {count} minutes' });
}

/** Addresses in the order of their numbers, for sorting. */
export const addressOrder = (ip: string | undefined): number | undefined =>
  ip?.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

export interface VendorGroup {
  maker: string;
  devices: Device[];
}

/** The devices of a subnet by who made them, the largest group first. */
export function byMaker(devices: readonly Device[]): VendorGroup[] {
  const groups = new Map<string, Device[]>();
  for (const device of devices) {
    const maker = makerOf(device);
    groups.set(maker, [...(groups.get(maker) ?? []), device]);
  }
  return [...groups]
    .map(([maker, all]) => ({
      maker,
      devices: all.sort((a, b) => (addressOrder(a.address) ?? Infinity) - (addressOrder(b.address) ?? Infinity)),
    }))
    .sort((a, b) => b.devices.length - a.devices.length || (a.maker < b.maker ? -1 : 1));
}
