/** Prefixes that software makes up and that mean a machine all the same: they stay as they are. */
const MADE_UP: readonly (readonly [prefix: string, what: string])[] = [
  ['52:54:00', 'QEMU/KVM virtual machine'],
  ['02:42:', 'Docker container'],
];

/** What software that makes up MACs is known by its prefix. */
export const softwareOf = (mac: string): string | undefined => MADE_UP.find(([prefix]) => mac.startsWith(prefix))?.[1];

/** Whether nobody sold this MAC: phones and laptops make up one for each network, to be known by nobody (bit 2 of the first byte). */
export const isRandom = (mac: string): boolean =>
  (Number.parseInt(mac.slice(0, 2), 16) & 0x02) !== 0 && softwareOf(mac) === undefined;

/** A MAC of one card: neither all zeros nor that of a group. */
export const isCard = (mac: string): boolean =>
  /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac) &&
  mac !== '00:00:00:00:00:00' &&
  (Number.parseInt(mac.slice(0, 2), 16) & 0x01) === 0;
